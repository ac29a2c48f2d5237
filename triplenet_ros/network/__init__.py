"""The family of joint detection and segmentation networks, told apart by configuration alone."""
