"""What private training costs, and what it may still cost."""
