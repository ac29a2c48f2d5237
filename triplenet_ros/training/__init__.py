"""What learning needs: targets, losses, augmentation, the recipe and the lightning task."""
