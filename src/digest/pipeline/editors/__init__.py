"""What editors see and do at the desk."""
