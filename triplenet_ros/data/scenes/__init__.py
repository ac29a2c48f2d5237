"""Generated road scenes with exact boxes and labels, single or as a moving drive."""

from triplenet_ros.data.scenes.dataset import Scenes
from triplenet_ros.data.scenes.drive import Drive, DriveFrame

__all__ = ['Drive', 'DriveFrame', 'Scenes']
