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

"""Start the perception node, activate it, and look at its results if that is wanted."""

from itertools import count
from pathlib import Path

from launch import LaunchContext, LaunchDescription
from launch.actions import (
    DeclareLaunchArgument, EmitEvent, OpaqueFunction, RegisterEventHandler, TimerAction)
from launch.conditions import IfCondition
from launch.event_handlers import OnProcessStart
from launch.events import matches_action
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import LifecycleNode, Node
from launch_ros.event_handlers import OnStateTransition
from launch_ros.events.lifecycle import ChangeState
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare
from lifecycle_msgs.msg import Transition
from triplenet_ros.ros.environment import launch_environment
from triplenet_ros.ros.views import first_camera, node_parameters, rviz_file

PACKAGE = 'triplenet_ros'


def shared_file(*path: str) -> PathJoinSubstitution:
    """Return a file that the package installs."""
    return PathJoinSubstitution([FindPackageShare(PACKAGE), *path])


def start_node(context: LaunchContext) -> list:
    """Return the node and what activates it; arguments left empty leave it to params_file."""
    given = [(name, kind) for name, kind in (
        ('weights', str), ('device', str), ('image_transport', str), ('paint_cloud', bool))
        if LaunchConfiguration(name).perform(context)]
    enclave = LaunchConfiguration('enclave').perform(context)
    node = LifecycleNode(
        package=PACKAGE, executable='perception_node', name='perception_node',
        namespace=LaunchConfiguration('namespace'), output='screen', emulate_tty=True,
        parameters=[
            LaunchConfiguration('params_file'),
            {'use_sim_time': ParameterValue(LaunchConfiguration('use_sim_time'),
                                            value_type=bool)},
            # Typed, so that a file called 1 or yes stays a name.
            *({name: ParameterValue(LaunchConfiguration(name), value_type=kind)}
              for name, kind in given)],
        remappings=[(name, LaunchConfiguration(name))
                    for name in ('image', 'points', 'camera_info')],
        ros_arguments=['--log-level', LaunchConfiguration('log_level'),
                       *(['--enclave', enclave] if enclave else [])],
        respawn=LaunchConfiguration('respawn').perform(context) == 'true', respawn_delay=1.0,
        # At the end it waits for the pass at hand, which may hang for stall_timeout.
        sigterm_timeout=LaunchConfiguration('sigterm_timeout', default='15'),
        additional_env=launch_environment(context))
    starts = count()
    # Each time it is started: a node that was respawned is unconfigured again.
    return [
        RegisterEventHandler(
            OnProcessStart(target_action=node,
                           on_start=lambda *_: activate(node, again=next(starts) > 0)),
            condition=IfCondition(LaunchConfiguration('autostart'))),
        node]


def activate(node: LifecycleNode, again: bool) -> list:
    """
    Return what configures and activates a node that has been started.

    :param again: whether it has ended before: for some seconds more the middleware takes the
        services of the one that ended for its own, and what is asked of them is lost
    """
    def configure() -> EmitEvent:
        return EmitEvent(event=change_state(node, Transition.TRANSITION_CONFIGURE))

    asked_anew = [TimerAction(period=float(seconds), actions=[configure()])
                  for seconds in (range(5, 65, 5) if again else ())]

    def be_content(_: LaunchContext) -> None:
        for timer in asked_anew:
            timer.cancel()

    return [
        RegisterEventHandler(OnStateTransition(
            target_lifecycle_node=node, goal_state='configuring', handle_once=True,
            entities=[OpaqueFunction(function=be_content)])),
        # First, so that no state is missed; once, so that whoever configures it anew also
        # decides when it is activated.
        RegisterEventHandler(OnStateTransition(
            target_lifecycle_node=node, start_state='configuring', goal_state='inactive',
            handle_once=True,
            entities=[EmitEvent(event=change_state(node, Transition.TRANSITION_ACTIVATE))])),
        configure(), *asked_anew]


def start_rviz(context: LaunchContext) -> list:
    """Return RViz, with the configuration for what the node is going to publish."""
    parameters = node_parameters(Path(LaunchConfiguration('params_file').perform(context)))
    paint_cloud = LaunchConfiguration('paint_cloud').perform(context)
    if paint_cloud:
        parameters['paint_cloud'] = paint_cloud == 'true'
    config = LaunchConfiguration('rviz_config').perform(context)
    return [Node(
        package='rviz2', executable='rviz2', namespace=LaunchConfiguration('namespace'),
        arguments=['-d', config or shared_file('rviz', f'{rviz_file(parameters)}.rviz'),
                   '-f', LaunchConfiguration('fixed_frame')],
        remappings=first_camera(parameters),
        parameters=[{'use_sim_time': ParameterValue(LaunchConfiguration('use_sim_time'),
                                                    value_type=bool)}])]


def change_state(node: LifecycleNode, transition: int) -> ChangeState:
    """Return the event that asks a node for a transition."""
    return ChangeState(lifecycle_node_matcher=matches_action(node), transition_id=transition)


def generate_launch_description() -> LaunchDescription:
    """Return the arguments, the node and RViz."""
    switch = ['true', 'false']
    return LaunchDescription([
        DeclareLaunchArgument(
            'namespace', default_value='', description='Namespace of the node'),
        DeclareLaunchArgument(
            'params_file', default_value=shared_file('config', 'perception.yaml'),
            description='YAML file with the parameters of the node'),
        DeclareLaunchArgument(
            'weights', default_value='',
            description='Shipped weights by name, or a file; empty: as params_file says'),
        DeclareLaunchArgument(
            'device', default_value='',
            description='auto, cpu, cuda or cuda:N; empty: as params_file says'),
        DeclareLaunchArgument(
            'image', default_value='image',
            description='Topic of the images, without /compressed'),
        DeclareLaunchArgument(
            'image_transport', default_value='', choices=['', 'raw', 'compressed'],
            description='How images come; empty: as params_file says'),
        DeclareLaunchArgument(
            'paint_cloud', default_value='', choices=['', *switch],
            description='Publish the points with what the camera sees of them; empty: as '
                        'params_file says'),
        DeclareLaunchArgument(
            'points', default_value='points', description='Topic of the points to be painted'),
        DeclareLaunchArgument(
            'camera_info', default_value='camera_info',
            description='Topic of the calibration of the camera, for the points'),
        DeclareLaunchArgument(
            'use_sim_time', default_value='false', choices=switch,
            description='Take the time from /clock'),
        DeclareLaunchArgument(
            'autostart', default_value='true', choices=switch,
            description='Configure and activate the node'),
        DeclareLaunchArgument(
            'respawn', default_value='false', choices=switch,
            description='Start the node again a second after it has ended, whatever ended it'),
        DeclareLaunchArgument(
            'enclave', default_value='',
            description='SROS 2 enclave of the node; empty: that of whoever launches it'),
        DeclareLaunchArgument(
            'rviz', default_value='false', choices=switch,
            description='Show overlay, coloured labels and painted cloud in RViz'),
        DeclareLaunchArgument(
            'rviz_config', default_value='',
            description='Configuration of RViz; empty: one that shows what the node publishes'),
        DeclareLaunchArgument(
            'fixed_frame', default_value='base_link',
            description='Frame in which RViz shows the painted cloud'),
        DeclareLaunchArgument(
            'log_level', default_value='info', choices=['debug', 'info', 'warn', 'error', 'fatal'],
            description='What the node logs'),
        DeclareLaunchArgument(
            'keep_memory', default_value='true', choices=switch,
            description='Keep the memory of large messages instead of giving it back each time '
                        '(sets MALLOC_MMAP_THRESHOLD_ and MALLOC_TRIM_THRESHOLD_)'),
        DeclareLaunchArgument(
            'cyclonedds_config', default_value=shared_file('config', 'cyclonedds.xml'),
            description='XML file for Cyclone DDS, if that is the RMW and CYCLONEDDS_URI is not '
                        'set; or none'),
        # First: where RViz is not installed, the launch ends before the node is started.
        OpaqueFunction(function=start_rviz, condition=IfCondition(LaunchConfiguration('rviz'))),
        OpaqueFunction(function=start_node),
    ])
