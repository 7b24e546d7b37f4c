"""Pictures: the computing graph and the curves of a training, each as TikZ and as SVG from one layout."""
