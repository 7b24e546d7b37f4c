"""What a printed formula is made of, how it is written down, and how an author's spelling is read into it."""
