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

"""Nothing from outside is run, and nothing is told to anybody."""

import ast
import os
from pathlib import Path
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest

from triplenet_ros.inference.weights import save_weights, WeightsCard

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / 'triplenet_ros').rglob('*.py')) + sorted((ROOT / 'launch').glob('*.py'))

RUNS_TEXT = {'eval', 'exec', '__import__', 'compile'}
RUNS_COMMANDS = {'os.system', 'os.popen', 'subprocess', 'pty.spawn', 'os.execv', 'os.spawnv'}
RUNS_PICKLES = {'pickle.load', 'pickle.loads', 'marshal.load', 'marshal.loads', 'shelve.open',
                'yaml.load', 'yaml.unsafe_load', 'yaml.full_load', 'joblib.load', 'dill.loads'}
SENDS = {'urllib', 'requests', 'http', 'socket', 'ftplib', 'smtplib', 'aiohttp', 'httpx'}
# Pickles that it has made itself a moment ago, kept in its own memory; and the look whether
# somebody listens at the address that was given.
ALLOWED = {'packed.py': {'pickle.loads'}, 'ray_cluster.py': {'socket'}}


def calls(tree):
    """Yield (dotted name, call) of every call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def keywords(call):
    """Return the keyword arguments of a call, as source."""
    return {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}


def dangers(source, name=''):
    """Return what in a source would run or send something that it is given."""
    tree = ast.parse(source)
    found = {called for called, call in calls(tree)
             if called in RUNS_TEXT | RUNS_COMMANDS | RUNS_PICKLES
             or called.split('.')[0] in RUNS_COMMANDS
             or keywords(call).get('shell') == 'True'
             or keywords(call).get('allow_pickle') == 'True'
             or (called == 'torch.load' or called.endswith('load_from_checkpoint')
                 or 'weights_only' in keywords(call))
             and keywords(call).get('weights_only') != 'True'}
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import)
               for alias in node.names}
    modules |= {node.module for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom) and node.module}
    # urllib.parse writes addresses and opens none.
    found |= {module for module in modules - {'urllib.parse'}
              if module.split('.')[0] in SENDS}
    return found - ALLOWED.get(name, set())


@pytest.mark.parametrize('source', [
    'eval(text)', 'os.system(text)', 'subprocess.run(text)', 'run(text, shell=True)',
    'pickle.loads(text)', 'torch.load(path)', 'torch.load(path, weights_only=False)',
    'trainer.fit(task, weights_only=False)', 'np.load(path, allow_pickle=True)',
    'yaml.load(text)', 'import requests', 'from urllib.request import urlopen'])
def test_what_is_looked_for_is_found(source):
    assert dangers(source)


def test_no_source_runs_or_sends_what_it_is_given():
    found = {str(path.relative_to(ROOT)): dangers(path.read_text(encoding='utf-8'), path.name)
             for path in SOURCES}
    assert {name: what for name, what in found.items() if what} == {}
    assert len(found) > 150


SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
static void note(const char *what, const struct sockaddr *to) {
    if (to && to->sa_family == AF_INET &&
        (ntohl(((struct sockaddr_in *)to)->sin_addr.s_addr) >> 24) == 127) return;
    if (to && to->sa_family == AF_INET6 &&
        IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)to)->sin6_addr)) return;
    if (to && to->sa_family != AF_INET && to->sa_family != AF_INET6) return;
    FILE *file = fopen(getenv("SENT"), "a");
    if (file) { fprintf(file, "%s\n", what); fclose(file); }
}
int connect(int socket, const struct sockaddr *to, socklen_t size) {
    note("connect", to);
    return ((int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "connect"))(
        socket, to, size);
}
ssize_t sendto(int socket, const void *data, size_t length, int flags,
               const struct sockaddr *to, socklen_t size) {
    if (to) note("sendto", to);
    return ((ssize_t (*)(int, const void *, size_t, int, const struct sockaddr *, socklen_t))
            dlsym(RTLD_NEXT, "sendto"))(socket, data, length, flags, to, size);
}
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **result) {
    note(node ? node : "getaddrinfo", 0);
    return ((int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))
            dlsym(RTLD_NEXT, "getaddrinfo"))(node, service, hints, result);
}
"""

HOOK = """
import sys
def note(event, arguments):
    if event in ('socket.connect', 'socket.sendto', 'socket.getaddrinfo'):
        to = arguments[-1] if event != 'socket.getaddrinfo' else arguments
        if not isinstance(to, (str, bytes)) and str(to[0]) not in ('127.0.0.1', '::1'):
            with open({sent!r}, 'a') as file:
                print(event, to, file=file)
sys.addaudithook(note)
"""

EVERYTHING = """
import importlib.util
import numpy as np
from triplenet_ros import Predictor
from triplenet_ros.cli.main import main
for backend, package in (('torch', 'torch'), ('onnxruntime', 'onnxruntime'),
                         ('openvino', 'openvino')):
    if importlib.util.find_spec(package) and importlib.util.find_spec('onnx'):
        Predictor.load('tiny.safetensors', backend=backend)(np.zeros((40, 60, 3), np.uint8))
options = ['--weights', 'tiny.safetensors', '--backend', 'torch']
assert main(['record', 'pictures', 'drive.mcap']) == 0
assert main(['predict', 'pictures', '--out', 'predicted', *options]) == 0
assert main(['replay', 'drive.mcap', '--out', 'results.mcap', *options]) == 0
"""


@pytest.fixture
def sent_by(tmp_path):
    """Return a function that runs a program and returns what it wanted to send elsewhere."""
    def run(program):
        sent = tmp_path / 'sent'
        environment = {**os.environ, 'SENT': str(sent), 'PYTHONPATH': str(ROOT)}
        compiler = shutil.which('cc')
        if compiler:  # sees what libraries in C do, which Python does not know of
            (tmp_path / 'shim.c').write_text(SHIM)
            subprocess.run([compiler, '-shared', '-fPIC', '-o', 'shim.so', 'shim.c', '-ldl'],
                           cwd=tmp_path, check=True)
            environment['LD_PRELOAD'] = str(tmp_path / 'shim.so')
        done = subprocess.run([sys.executable, '-c', HOOK.format(sent=str(sent)) + program],
                              cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return sent.read_text() if sent.exists() else ''

    return run


@pytest.mark.parametrize('program', [
    'import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 9))',
    'import socket\ntry: socket.getaddrinfo("nowhere.invalid", 80)\nexcept OSError: pass'])
def test_a_program_that_sends_something_is_noticed(sent_by, program):
    assert sent_by(program)


def test_loading_predicting_and_replaying_open_no_connection(sent_by, tiny_network, tmp_path):
    save_weights(tmp_path / 'tiny.safetensors', tiny_network, WeightsCard(tiny_network.config))
    (tmp_path / 'pictures').mkdir()
    for number in range(2):
        cv2.imwrite(str(tmp_path / 'pictures' / f'{number}.png'),
                    np.full((48, 64, 3), 90 * number, np.uint8))
    assert sent_by(EVERYTHING) == ''
    assert (tmp_path / 'results.mcap').is_file()
