"""The application's own sources, as far as they tell what they need of the image they run in."""
