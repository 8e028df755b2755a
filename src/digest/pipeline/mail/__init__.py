"""What leaves by mail and what comes back."""
