"""What must hold of whole runs, whatever the world does between and during them."""
