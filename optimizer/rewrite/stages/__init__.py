"""From one stage to two: what is built stays behind, what runs is copied to an image of its own."""
