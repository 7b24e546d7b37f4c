"""Many answers at once: a folder of submissions, judged in processes of their own."""
