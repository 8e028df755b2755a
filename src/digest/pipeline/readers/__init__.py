"""What readers ask of their subscription."""
