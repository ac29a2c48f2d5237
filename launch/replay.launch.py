# Copyright 2026 triplenet_ros authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Play a bag to the perception node, in the bag's own time, and look at what it sees."""

from pathlib import Path
import shlex
from typing import Optional

from launch import LaunchContext, LaunchDescription
from launch.actions import (
    DeclareLaunchArgument, EmitEvent, ExecuteProcess, IncludeLaunchDescription, OpaqueFunction,
    RegisterEventHandler, TimerAction)
from launch.conditions import IfCondition
from launch.events import Shutdown
from launch.events.process import ProcessExited
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.event_handlers import OnStateTransition
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare
from triplenet_ros.ros.environment import launch_environment
from triplenet_ros.ros.views import node_parameters

# A bag that `triplenet replay` or a recording of the node made holds these already: played on
# their own names they would mix with what the node publishes now.
RESULTS = ('detections', 'detection_info', 'label_image', 'label_color', 'label_info',
           'confidence', 'overlay', 'overlay/compressed', 'image_annotations', 'label_cloud')

# Seconds for the node's subscription and the player's publisher to find each other, and for the
# last image to go through the network.
BEFORE, AFTER = 2.0, 3.0


def value_of(name: str, context: LaunchContext) -> str:
    """Return the value of an argument."""
    return LaunchConfiguration(name).perform(context)


def check_bag(context: LaunchContext) -> None:
    """Refuse a bag that is not there, before anything is started."""
    bag = Path(value_of('bag', context)).expanduser()
    if not bag.exists():
        raise RuntimeError(f'bag is {str(bag)!r}, there is no such file or folder')


def play_when_active(context: LaunchContext) -> list:
    """Return what plays the bag once the node is active, and gives up if it cannot be."""
    return [
        RegisterEventHandler(OnStateTransition(
            goal_state='active', handle_once=True, entities=[play(context)])),
        RegisterEventHandler(OnStateTransition(
            start_state='configuring', goal_state='unconfigured',
            entities=[EmitEvent(event=Shutdown(reason='the node could not be configured'))]))]


def play(context: LaunchContext) -> ExecuteProcess:
    """Return the player; everything else ends with it if that is wanted."""
    bag = str(Path(value_of('bag', context)).expanduser())
    node = '/'.join(['', *value_of('namespace', context).strip('/').split(), 'perception_node'])
    command = ['ros2', 'bag', 'play', bag, '--clock', '100', '--delay', str(BEFORE),
               '--rate', value_of('rate', context),
               *(['--loop'] if value_of('loop', context) == 'true' else []),
               *shlex.split(value_of('play_options', context)),
               '--remap', *(f'{node}/{name}:=/recorded{node}/{name}' for name in RESULTS)]
    return ExecuteProcess(
        cmd=command, name='ros2_bag_play', output='screen',
        additional_env=launch_environment(context),
        on_exit=end if value_of('shutdown', context) == 'true' else None)


def evaluation(context: LaunchContext) -> list:
    """Return what scores; it has a minute to write its report at the end."""
    transport = value_of('image_transport', context) or node_parameters(
        Path(value_of('params_file', context))).get('image_transport', 'raw')
    return [Node(
        package='triplenet_ros', executable='evaluation_node', name='evaluation_node',
        namespace=LaunchConfiguration('namespace'), output='screen',
        parameters=[{'use_sim_time': True, 'image_transport': transport,
                     **{name: ParameterValue(LaunchConfiguration(name), value_type=str)
                        for name in ('report', 'criteria', 'rename')}}],
        remappings=[('image', LaunchConfiguration('image'))],
        additional_env=launch_environment(context), sigterm_timeout='60', sigkill_timeout='60')]


def end(_event: ProcessExited, context: LaunchContext) -> Optional[TimerAction]:
    """Return what ends the launch after the player, unless it is ending: Ctrl-C ends both."""
    if context.is_shutdown:
        return None
    return TimerAction(period=AFTER, actions=[
        EmitEvent(event=Shutdown(reason='the bag has ended'))])


def generate_launch_description() -> LaunchDescription:
    """Return the arguments, what perception.launch.py starts, and the player."""
    switch = ['true', 'false']
    perception = PathJoinSubstitution(
        [FindPackageShare('triplenet_ros'), 'launch', 'perception.launch.py'])
    return LaunchDescription([
        DeclareLaunchArgument('bag', description='Bag to play: a folder or a file'),
        DeclareLaunchArgument(
            'image', default_value='/camera/image',
            description='Topic of the images in the bag, without /compressed'),
        DeclareLaunchArgument(
            'rate', default_value='1.0', description='Speed: 0.5 plays at half of it'),
        DeclareLaunchArgument(
            'loop', default_value='false', choices=switch,
            description='Play the bag again and again'),
        DeclareLaunchArgument(
            'play_options', default_value='',
            description="More options for ros2 bag play, such as '--start-offset 10'"),
        DeclareLaunchArgument(
            'rviz', default_value='true', choices=switch,
            description='Show overlay, coloured labels and painted cloud in RViz'),
        DeclareLaunchArgument(
            'shutdown', default_value='true', choices=switch,
            description='End everything a moment after the bag has ended'),
        DeclareLaunchArgument(
            'evaluate', default_value='false', choices=switch,
            description='Score the results against the truth on the topics of the bag'),
        DeclareLaunchArgument(
            'report', default_value='',
            description='Folder for the report of the scores; empty: none'),
        DeclareLaunchArgument(
            'criteria', default_value='',
            description='YAML file of what the scores must reach; empty: nothing'),
        DeclareLaunchArgument(
            'rename', default_value='',
            description='YAML file of class names that mean another one, or the name of a '
                        'shipped one; empty: none'),
        OpaqueFunction(function=check_bag),
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(perception),
            launch_arguments={'image': LaunchConfiguration('image'),
                              'rviz': LaunchConfiguration('rviz'),
                              'use_sim_time': 'true'}.items()),
        # Behind what declares the arguments that it takes over.
        OpaqueFunction(function=evaluation,
                       condition=IfCondition(LaunchConfiguration('evaluate'))),
        OpaqueFunction(function=play_when_active),
    ])
