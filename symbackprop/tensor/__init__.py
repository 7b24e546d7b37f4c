"""The calculus: tensor terms with named indices, closed under differentiation."""
