"""Start the perception node for boxes alone: perception.launch.py with other parameters."""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.substitutions import FindPackageShare

SHARE = FindPackageShare('triplenet_ros')


def generate_launch_description() -> LaunchDescription:
    """Return what perception.launch.py starts; all its arguments hold here too."""
    return LaunchDescription([
        DeclareLaunchArgument(
            'params_file',
            default_value=PathJoinSubstitution([SHARE, 'config', 'car_detection.yaml']),
            description='YAML file with the parameters of the node'),
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(
                PathJoinSubstitution([SHARE, 'launch', 'perception.launch.py'])),
            launch_arguments={'params_file': LaunchConfiguration('params_file')}.items()),
    ])
