"""Pages between a case and a topic: all of them at the desk."""
