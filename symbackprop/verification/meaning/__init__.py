"""What a written formula means on a network: trees become tensor terms, by declared names and by shapes."""
