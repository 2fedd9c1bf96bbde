"""What a release says of itself: card, manifest, citation, metadata. Plain Python."""
