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

"""report.html of a scored run."""

from dataclasses import replace
from html.parser import HTMLParser
import re

import numpy as np
import pytest

from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.report.pictures import names_of, PICTURES
from triplenet_ros.evaluation.report.scored_page import write_page
from triplenet_ros.evaluation.report_folder import FRAMES, write_frame, write_run

EVIL = '<img src=x onerror=alert(1)>"\'&{{ 7 * 7 }}</script></style>'
VOID = {'meta', 'link', 'img', 'path', 'br', 'input'}


class Structure(HTMLParser):
    """Checks that tags are closed, and gathers what is loaded and which tags there are."""

    def __init__(self):
        super().__init__()
        self.open, self.loaded, self.tags, self.ids, self.links = [], [], set(), [], []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.add(tag)
        self.loaded += [found[key] for key in ('src', 'srcset', 'poster', 'data') if key in found]
        self.ids += [found['id']] if 'id' in found else []
        target = found.get('href', '')
        (self.links if tag == 'a' else self.loaded).append(target or '#main')
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def structure_of(text):
    parser = Structure()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser


def written(folder, run, frames=()):
    folder.mkdir(exist_ok=True)
    write_run(folder, run)
    with (folder / FRAMES).open('w', encoding='utf-8') as file:
        for frame in frames:
            write_frame(file, frame)
    return write_page(folder).read_text(encoding='utf-8')


def test_the_verdict_and_the_missed_criterion_come_first(scored_example, tmp_path):
    text = written(tmp_path, scored_example.run(), scored_example.frames())
    places = [text.index(part) for part in (
        'Failed', 'road IoU at least 0.9', 'AP50 of car at least 0.4', '<section')]
    assert places == sorted(places)


def test_all_parts_of_a_run_are_shown(scored_example, tmp_path):
    text = written(tmp_path, scored_example.run(), scored_example.frames())
    ids = structure_of(text).ids
    assert {'time', 'classes', 'curves', 'confusion', 'errors', 'latency', 'worst',
            'run'} <= set(ids)
    for shown in ('drive.safetensors', '0' * 64, 'triplenet score drive.mcap', '--every 2',
                  '1700000003.300000000', 'forward: out of memory', 'pedestrian → person'):
        assert shown in text
    assert len(ids) == len(set(ids))


def test_links_lead_somewhere_and_nothing_is_loaded(scored_example, tmp_path):
    parser = structure_of(written(tmp_path, scored_example.run(), scored_example.frames()))
    assert set(parser.links) <= {f'#{one}' for one in parser.ids}
    assert {one.split(',')[0] for one in parser.loaded if one != '#main'} <= {'data:'}


def test_names_from_the_data_stay_text(scored_example, tmp_path):
    run = scored_example.run()
    plain = structure_of(written(tmp_path / 'plain', run, scored_example.frames())).tags
    row = run.detection['per_class']['car']
    curve = run.detection['curves']['per_class']['car']
    detection = {**run.detection, 'per_class': {EVIL: row}, 'not_scored': [EVIL],
                 'curves': {**run.detection['curves'], 'per_class': {EVIL: curve}},
                 'confusion': {'names': [EVIL, 'b'], 'counts': [[1, 2, 3]] * 3}}
    segmentation = {**run.segmentation, 'per_class': {EVIL: 0.5},
                    'confusion': {'names': [EVIL], 'pixels': [[1, 2]]}}
    described = replace(run.run, results=f'/a/{EVIL}', command=EVIL, weights=EVIL,
                        topics={EVIL: EVIL}, options={EVIL: {EVIL: EVIL}}, truth=(EVIL,))
    text = written(tmp_path / 'evil', replace(
        run, detection=detection, segmentation=segmentation, run=described, notes=(EVIL,),
        criteria=(replace(run.criteria[0], text=EVIL),), latency_ms={EVIL: {'p50': 1.0}},
        events=(replace(run.events[0], text=EVIL),), left_out={EVIL: 1},
        unmatched=replace(run.unmatched, truth_keys=(EVIL,)),
        errors={**run.errors, 'per_class': {EVIL: run.errors['per_class']['car']}}),
        scored_example.frames())
    parser = structure_of(text)
    assert parser.tags <= plain | {'img'} and 'x' not in parser.loaded
    assert '<img src=x' not in text and '{{ 7 * 7 }}' in text


def test_the_page_runs_its_own_script_alone(scored_example, tmp_path):
    text = written(tmp_path, scored_example.run())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none'; img-src data:")
    assert "script-src 'sha256-" in policy and text.count('<script') == 1


@pytest.mark.parametrize('missing', ['detection', 'segmentation', 'all'])
def test_runs_with_less_to_tell_have_a_page_too(scored_example, tmp_path, missing):
    run = scored_example.run()
    if missing == 'all':
        run = replace(run, frames=0, scored=0, detection=None, segmentation=None, errors=None,
                      latency_ms={}, drops={}, criteria=(), events=(), worst=(), notes=(),
                      run=type(run.run)(), left_out={}, unmatched=type(run.unmatched)())
    elif missing == 'detection':
        run = replace(run, detection=None, errors=None)
    else:
        run = replace(run, segmentation=None)
    frames = [replace(frame, **{missing: None}) for frame in scored_example.frames()
              ] if missing != 'all' else []
    text = written(tmp_path, run, frames)
    structure_of(text)
    assert ('No criteria were given' in text) == (missing == 'all')
    assert ('id="curves"' in text) == (missing == 'segmentation')


def test_figures_that_nobody_could_measure_are_dashes(scored_example, tmp_path):
    run = scored_example.run()
    operating = dict.fromkeys(run.detection['operating'], None)
    operating['threshold'] = 0.3
    curve = dict.fromkeys(run.detection['curves']['per_class']['car'], [None] * 101)
    detection = {**run.detection, 'mAP50': None, 'AP': None, 'mAP50_07': None,
                 'operating': operating,
                 'curves': {**run.detection['curves'], 'per_class': {'car': curve}}}
    text = written(tmp_path, replace(run, detection=detection, errors={
        **run.errors, 'AP50': None, 'kinds': {'missed': {'count': 0, 'gain': None}}}))
    body = text[text.index('<body>'):text.rindex('<script>')]
    assert re.search(r'\bnan\b|None|undefined', body) is None


def test_worst_frames_show_their_pictures_and_lead_to_them(scored_example, tmp_path):
    run = scored_example.run()
    folder = tmp_path / PICTURES
    folder.mkdir()
    for name in vars(names_of(run.worst[0])).values():
        (folder / name).write_bytes(b'jpeg')
    text = written(tmp_path, run, scored_example.frames())
    assert text.count('data:image/jpeg;base64,') == 2
    assert f'href="#frame-{run.worst[0]}"' in text and f'id="frame-{run.worst[0]}"' in text


def test_a_long_drive_with_many_events_and_classes_stays_small(scored_example, tmp_path):
    run, count = scored_example.run(), 20_000
    names = [f'class {index}' for index in range(80)]
    curve = run.detection['curves']['per_class']['car']
    counts = np.random.default_rng(0).integers(0, 99, (81, 81)).tolist()
    detection = {**run.detection,
                 'per_class': {name: run.detection['per_class']['car'] for name in names},
                 'curves': {**run.detection['curves'], 'per_class': dict.fromkeys(names, curve)},
                 'confusion': {'names': names, 'counts': counts}}
    events = tuple(replace(run.events[0], stamp_ns=run.events[0].stamp_ns + index * 10**8)
                   for index in range(count))
    stamps = tuple(event.stamp_ns for event in events)
    run = replace(run, detection=detection, events=events,
                  unmatched=replace(run.unmatched, results=stamps))
    text = written(tmp_path, run, scored_example.frames(2_000))
    # Pictures take at most 6 MB of the 10 that a page may have.
    assert len(text) < 4_000_000


def test_a_damaged_folder_is_refused(scored_example, tmp_path):
    scored_example.write_example(tmp_path)
    (tmp_path / FRAMES).write_text('{}\n')
    with pytest.raises(InputError, match='frames.jsonl:1'):
        write_page(tmp_path)
