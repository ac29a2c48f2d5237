"""``python -m triplenet_ros`` is the command ``triplenet``."""

import sys

from triplenet_ros.cli.main import main

sys.exit(main())
