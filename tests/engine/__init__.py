"""Images that are really built, before and after: fixtures/images."""
