"""What a post lists itself: its sections, key themes, key quotes, related posts and videos."""
