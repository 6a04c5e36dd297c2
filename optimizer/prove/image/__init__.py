"""Images as files: reads what an engine saved, layer by layer, and believes none of it."""
