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

"""Templates to pages: one file each, with everything in it."""

import base64
from functools import lru_cache
import hashlib
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from triplenet_ros import __version__
from triplenet_ros.evaluation.report.wording import FILTERS

_FOLDER = 'templates'


def page(template: str, **content: Any) -> str:
    """
    Return a page of HTML; all that the content says is escaped.

    :param template: file name in the folder of templates
    :param content: what the template shows
    """
    script = _text('page.js')
    # The page runs this script and no other, loads nothing, and sends nothing anywhere.
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _environment().get_template(template).render(
        style=Markup(_text('page.css')), script=Markup(script), script_digest=digest,
        version=__version__, **content)


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_text), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(FILTERS)
    return environment


def _text(name: str) -> str:
    return (files(__package__) / _FOLDER / name).read_text(encoding='utf-8')
