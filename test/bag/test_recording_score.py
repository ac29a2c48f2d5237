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

"""Recordings are scored frame by frame, with right counts or one clear line."""

from dataclasses import replace
import json
import re

import cv2
import numpy as np
import pytest

from triplenet_ros.bag.score import RecordingScore
from triplenet_ros.bag.score_options import ScoreOptions
from triplenet_ros.bag.scored_topics import TopicChoice
from triplenet_ros.classes import CAMVID
from triplenet_ros.errors import InputError
from triplenet_ros.evaluation.criteria import Criteria, Criterion
from triplenet_ros.evaluation.evaluator import Evaluator
from triplenet_ros.evaluation.selection import Selection
from triplenet_ros.evaluation.stamps import stamp_text
from triplenet_ros.sample import Sample


@pytest.fixture
def bag(tmp_path, scored_bags):
    """Return a bag of ten images with results and truth."""
    return scored_bags.write(tmp_path / 'drive.mcap', scored_bags.image_messages(),
                             scored_bags.RESULTS, scored_bags.TRUTH)


def scored(recording, *truths, frames=None, criteria=(), **options):
    """Return the run that comes of it; frames are appended to the list."""
    score = RecordingScore(recording, truths or (recording,), ScoreOptions(**options),
                           Criteria(criteria))
    return score.run([].append if frames is None else frames.append).run


def expected(scored_bags, side, numbers=range(10)):
    """Return the figures of the same frames fed to Evaluator."""
    evaluator = Evaluator(CAMVID, CAMVID)
    for number in numbers:
        boxes, ids, labels = scored_bags.truth_of(number)
        evaluator.update(scored_bags.seen(number, side), Sample(
            stamp_text(scored_bags.FIRST + number * scored_bags.STEP), None, boxes=boxes,
            class_ids=ids, difficult=np.zeros(3, bool), label_map=labels))
    return evaluator.compute()


def same_scores(run, figures):
    """Tell whether a run has the scores of Evaluator."""
    return all(getattr(run, task)[key] == pytest.approx(value, abs=1e-9)
               for task in ('detection', 'segmentation') for key, value in figures[task].items()
               if isinstance(value, float))


def test_scores_are_those_of_the_same_frames_without_a_bag(bag, scored_bags):
    frames = []
    run = scored(bag, frames=frames)
    assert (run.frames, run.scored, len(frames)) == (10, 10, 10)
    assert same_scores(run, expected(scored_bags, scored_bags.RESULTS))
    assert [frame.number for frame in frames] == list(range(10))
    assert {frame.frame_id for frame in frames} == {'camera'}
    assert run.run.topics == {'image': '/camera/image', 'labels': '/perception_node/label_image',
                              'detections': '/perception_node/detections'}
    assert run.latency_ms == {'age': {'p50': 30.0, 'p95': 30.0, 'p99': 30.0}}
    assert run.drops['images'] == run.drops['processed'] == 10 and run.drops['dropped'] == 0


def test_truth_as_its_own_prediction_scores_one(tmp_path, scored_bags):
    truth = scored_bags.write(tmp_path / 'truth.mcap', scored_bags.TRUTH)
    run = scored(truth, truth, results=TopicChoice('/truth/detections', '/truth/label_image'))
    assert run.detection['AP'] == run.detection['mAP50'] == run.segmentation['mIoU'] == 1.0


def test_truth_in_another_bag_and_results_of_another_run(tmp_path, bag, scored_bags):
    results = scored_bags.write(tmp_path / 'results.mcap', scored_bags.RESULTS)
    truth = scored_bags.write(tmp_path / 'truth.mcap', scored_bags.TRUTH)
    assert scored(results, truth).detection == scored(bag).detection
    assert scored(results, bag).segmentation == scored(bag).segmentation
    other = scored_bags.write(tmp_path / 'other.mcap', replace(scored_bags.TRUTH,
                                                               namespace='/perception_node'))
    assert scored(results, other).detection == scored(bag).detection


def test_shifted_stamps_match_within_a_tolerance_only(tmp_path, scored_bags):
    path = scored_bags.write(tmp_path / 'shifted.mcap', scored_bags.RESULTS,
                             replace(scored_bags.TRUTH, offset=4_000_000))
    with pytest.raises(InputError, match=r'none of the 10 results.*0\.004 s apart.*--tolerance'):
        scored(path)
    frames = []
    run = scored(path, tolerance=0.05, frames=frames)
    assert run.scored == 10 and same_scores(run, expected(scored_bags, scored_bags.RESULTS))
    assert {frame.truth_stamp_ns - frame.stamp_ns for frame in frames} == {4_000_000}


def test_missing_frames_of_either_side_are_listed_and_not_scored(tmp_path, scored_bags):
    path = scored_bags.write(
        tmp_path / 'gaps.mcap', scored_bags.image_messages(),
        replace(scored_bags.RESULTS, numbers=(0, 1, 2, 3, 6, 7, 8, 9)),
        replace(scored_bags.TRUTH, numbers=(0, 1, 2, 3, 4, 5, 6)))
    frames = []
    run = scored(path, frames=frames)
    at = [scored_bags.FIRST + number * scored_bags.STEP for number in range(10)]
    assert (run.frames, run.scored) == (8, 5)
    assert run.unmatched.results == tuple(at[7:]) and run.unmatched.truth == tuple(at[4:6])
    assert same_scores(run, expected(scored_bags, scored_bags.RESULTS, (0, 1, 2, 3, 6)))
    assert run.drops['dropped'] == 2
    dropped = [event for event in run.events if event.kind == 'dropped']
    assert [(event.stamp_ns, event.count) for event in dropped] == [(at[4], 2)]
    assert frames[-1].events == {'dropped': 2}


def test_doubled_frames_count_once(tmp_path, scored_bags):
    path = scored_bags.write(
        tmp_path / 'doubled.mcap', scored_bags.RESULTS, scored_bags.TRUTH,
        scored_bags.side_messages(replace(scored_bags.RESULTS, numbers=(3,), noise=0.9,
                                          delay=60_000_000, infos=False)),
        scored_bags.side_messages(replace(scored_bags.TRUTH, numbers=(4, 5), noise=0.9,
                                          delay=60_000_000, infos=False)))
    run = scored(path)
    assert run.scored == run.frames == 10
    assert same_scores(run, expected(scored_bags, scored_bags.RESULTS))
    assert [len(run.unmatched.doubled_results), len(run.unmatched.doubled_truth)] == [1, 2]


def test_two_cameras_are_told_apart_by_topic(tmp_path, scored_bags):
    path = scored_bags.write(
        tmp_path / 'two.mcap', replace(scored_bags.RESULTS, namespace='/perception_node/front'),
        replace(scored_bags.RESULTS, namespace='/perception_node/rear', noise=0.9),
        scored_bags.TRUTH)
    with pytest.raises(InputError, match=r'2 topics.*--detections: .*front.*rear'):
        scored(path)
    run = scored(path, results=TopicChoice('/perception_node/front/detections',
                                           '/perception_node/front/label_image'))
    assert same_scores(run, expected(scored_bags, scored_bags.RESULTS))


def test_an_empty_truth_is_truth(tmp_path, scored_bags):
    nothing = [message for message in scored_bags.side_messages(scored_bags.TRUTH)
               if message.channel.topic == '/truth/detection_info']
    channel = scored_bags.TRUTH.channels()['detections']
    for number in range(10):
        stamp = scored_bags.FIRST + number * scored_bags.STEP
        nothing.append(scored_bags.stored(channel, stamp, scored_bags.TYPES.Detection2DArray(
            header=scored_bags.TYPES.header(stamp, 'camera'), detections=[])))
    path = scored_bags.write(tmp_path / 'empty.mcap', scored_bags.RESULTS, nothing)
    run = scored(path)
    assert run.scored == 10 and run.segmentation is None
    operating = run.detection['operating']
    assert operating['truths'] == operating['found'] == 0 < operating['wrong']
    assert run.detection['mAP50'] is None and operating['recall'] is None


def test_a_truth_of_another_size_is_one_line(tmp_path, scored_bags):
    path = scored_bags.write(tmp_path / 'sizes.mcap', scored_bags.RESULTS,
                             replace(scored_bags.TRUTH, size=(24, 32)))
    with pytest.raises(InputError, match='64x48 pixels.*its truth is of 32x24'):
        scored(path)


def test_a_bag_without_results_is_one_line(tmp_path, scored_bags):
    path = scored_bags.write(tmp_path / 'camera.mcap', scored_bags.image_messages(),
                             scored_bags.TRUTH)
    with pytest.raises(InputError, match='has no results.*its topics are /camera/image'):
        scored(path)
    camera = scored_bags.write(tmp_path / 'only.mcap', scored_bags.image_messages())
    with pytest.raises(InputError, match='has no truth'):
        scored(scored_bags.write(tmp_path / 'r.mcap', scored_bags.RESULTS), camera)


def test_class_ids_may_be_names_and_then_need_no_list(tmp_path, scored_bags):
    vendor = replace(scored_bags.RESULTS, namespace='/yolo', named=True, infos=False,
                     tasks=('detections',))
    run = scored(scored_bags.write(tmp_path / 'vendor.mcap', vendor, scored_bags.TRUTH))
    figures = expected(scored_bags, scored_bags.RESULTS)['detection']
    assert run.detection['AP'] == pytest.approx(figures['AP'], abs=1e-9)
    assert any('no list of their classes' in note for note in run.notes)


def test_class_ids_may_be_names_beside_a_list(tmp_path, scored_bags):
    vendor = replace(scored_bags.RESULTS, namespace='/yolo', named=True)
    run = scored(scored_bags.write(tmp_path / 'vendor.mcap', vendor, scored_bags.TRUTH))
    assert same_scores(run, expected(scored_bags, scored_bags.RESULTS))


def test_numbers_need_names(tmp_path, scored_bags):
    vendor = replace(scored_bags.RESULTS, namespace='/yolo', infos=False, tasks=('detections',))
    path = scored_bags.write(tmp_path / 'vendor.mcap', vendor, scored_bags.TRUTH)
    with pytest.raises(InputError, match=r"numbers such as '\d'.*--classes FILE"):
        scored(path)
    run = scored(path, results=TopicChoice(box_names=CAMVID.detection))
    figures = expected(scored_bags, scored_bags.RESULTS)['detection']
    assert run.detection['AP'] == pytest.approx(figures['AP'], abs=1e-9)


def test_labels_need_names(tmp_path, scored_bags):
    vendor = replace(scored_bags.RESULTS, infos=False, tasks=('label_image',))
    path = scored_bags.write(tmp_path / 'vendor.mcap', vendor, scored_bags.TRUTH)
    with pytest.raises(InputError, match='no LabelInfo.*--classes FILE'):
        scored(path)
    run = scored(path, results=TopicChoice(label_names=CAMVID.segmentation))
    assert run.detection is None
    assert run.segmentation['mIoU'] == pytest.approx(
        expected(scored_bags, scored_bags.RESULTS)['segmentation']['mIoU'])


def test_unknown_classes_count_neither_way_and_are_said(tmp_path, scored_bags):
    path = scored_bags.write(tmp_path / 'few.mcap', scored_bags.RESULTS, scored_bags.TRUTH)
    run = scored(path, results=TopicChoice(
        box_names=('car',), label_names=CAMVID.segmentation[:3]))
    assert list(run.detection['per_class']) == ['car']
    assert run.detection['not_scored'] == ['pedestrian', 'bicyclist']
    assert any(re.search("boxes of class '1'", note) for note in run.notes)
    assert any('pixels of label 5' in note for note in run.notes)
    with pytest.raises(InputError, match='no detection class in common'):
        scored(path, results=TopicChoice(box_names=('a', 'b', 'c')))


def test_renamed_classes_are_scored_as_one(tmp_path, scored_bags):
    path = scored_bags.write(tmp_path / 'drive.mcap', scored_bags.RESULTS, scored_bags.TRUTH)
    run = scored(path, rename={'pedestrian': 'vru', 'bicyclist': 'vru'})
    assert list(run.detection['per_class']) == ['car', 'vru']
    truths = expected(scored_bags, scored_bags.RESULTS)['detection']['per_class']
    assert run.detection['per_class']['vru']['truths'] == sum(
        truths[name]['truths'] for name in ('pedestrian', 'bicyclist'))
    with pytest.raises(InputError, match="'tram'"):
        scored(path, rename={'tram': 'train'})


def test_frames_left_out_are_said(bag, scored_bags):
    run = scored(bag, selection=Selection(begin='+0.2', every=2, skip_last=1))
    assert run.left_out == {'--from +0.2': 2, '--skip-last 1': 1, '--every 2': 3}
    assert (run.frames, run.scored) == (8, 4)
    assert same_scores(run, expected(scored_bags, scored_bags.RESULTS, (2, 4, 6, 8)))
    stamp = stamp_text(scored_bags.FIRST + 3 * scored_bags.STEP)
    assert scored(bag, selection=Selection(end=stamp)).scored == 4
    assert scored(bag, selection=Selection(last=3)).scored == 3


def test_a_frame_without_boxes_does_not_miss_its_truths(tmp_path, scored_bags):
    path = scored_bags.write(
        tmp_path / 'half.mcap', replace(scored_bags.RESULTS, numbers=(0, 1),
                                        tasks=('detections',)),
        replace(scored_bags.RESULTS, tasks=('label_image',)), scored_bags.TRUTH)
    run = scored(path)
    assert (run.detection['images'], run.segmentation['images']) == (2, 10)
    assert run.detection['operating']['truths'] == 6


def test_found_by_true_distance(tmp_path, scored_bags):
    path = scored_bags.write(tmp_path / 'far.mcap', scored_bags.RESULTS,
                             replace(scored_bags.TRUTH, distance=15.0))
    rows = scored(path).detection['by_distance']
    assert [row['truths'] for row in rows] == [0, 30, 0, 0, 0]
    assert rows[1]['recall'] == scored(path).detection['operating']['recall']
    assert scored(path, distances=(5, 15.5)).detection['by_distance'][1]['truths'] == 30


def test_labels_from_a_folder_by_stamp_number_and_name(tmp_path, bag, scored_bags):
    names = {'stamp': lambda number: stamp_text(scored_bags.FIRST + number * scored_bags.STEP),
             'number': lambda number: f'frame_{number:06d}', 'name': lambda number: f'x{number}y'}
    for key, name in names.items():
        folder = tmp_path / key
        folder.mkdir()
        (folder / 'data.yaml').write_text(
            f'segmentation: {json.dumps(list(CAMVID.segmentation))}\n')
        for number in range(10):
            cv2.imwrite(str(folder / f'{name(number)}.png'), scored_bags.truth_of(number)[2])
        run = scored(bag, folder)
        assert f'by {key}' in run.run.truth[0]
        assert run.segmentation == scored(bag).segmentation and run.detection is None
    (tmp_path / 'name' / 'x9y.png').unlink()
    with pytest.raises(InputError, match='9 files for 10 frames'):
        scored(bag, tmp_path / 'name')
    cv2.imwrite(str(tmp_path / 'number' / '000012.png'), np.zeros((48, 64), np.uint8))
    assert scored(bag, tmp_path / 'number').unmatched.truth_keys == ('000012',)
    cv2.imwrite(str(tmp_path / 'number' / '12.png'), np.zeros((48, 64), np.uint8))
    with pytest.raises(InputError, match='for the same frame'):
        scored(bag, tmp_path / 'number')
    with pytest.raises(InputError, match="'000012' is not a stamp"):
        scored(bag, tmp_path / 'number', truth_key='stamp')


def instances(scored_bags, name, numbers=range(10)):
    """Return COCO instances of the truth."""
    annotations = []
    for number in numbers:
        boxes, ids, _ = scored_bags.truth_of(number)
        for (left, top, right, bottom), class_id in zip(boxes.tolist(), ids.tolist()):
            annotations.append({
                'id': len(annotations) + 1, 'image_id': number, 'category_id': class_id,
                'bbox': [left, top, right - left, bottom - top], 'distance': 30})
    return {'categories': [{'id': index, 'name': one}
                           for index, one in enumerate(CAMVID.detection)],
            'images': [{'id': number, 'file_name': f'{name(number)}.jpg', 'width': 64,
                        'height': 48} for number in numbers], 'annotations': annotations}


def test_boxes_from_a_coco_json_and_labels_from_a_folder(tmp_path, bag, scored_bags):
    boxes, labels = tmp_path / 'boxes.json', tmp_path / 'labels'
    boxes.write_text(json.dumps(instances(scored_bags, lambda number: f'{number:03d}')))
    labels.mkdir()
    (tmp_path / 'data.yaml').write_text(
        f'segmentation: {json.dumps(list(CAMVID.segmentation))}\n')
    for number in range(5):
        cv2.imwrite(str(labels / f'{number:03d}.png'), scored_bags.truth_of(number)[2])
    run = scored(bag, boxes, labels)
    whole = scored(bag)
    assert run.detection['AP'] == pytest.approx(whole.detection['AP'], abs=1e-9)
    assert run.detection['by_distance'][2]['truths'] == 30
    assert (run.detection['images'], run.segmentation['images']) == (10, 5)
    with pytest.raises(InputError, match='have boxes: give one of them'):
        scored(bag, boxes, bag)


def test_numbers_count_images_where_results_are_missing(tmp_path, scored_bags):
    path = scored_bags.write(tmp_path / 'gaps.mcap', scored_bags.image_messages(),
                             replace(scored_bags.RESULTS, numbers=(0, 1, 5, 6)))
    boxes = tmp_path / 'boxes.json'
    boxes.write_text(json.dumps(instances(scored_bags, lambda number: f'frame{number}')))
    run = scored(path, boxes)
    assert run.scored == 4 and run.unmatched.truth_keys == tuple(
        f'frame{number}' for number in (2, 3, 4, 7, 8, 9))
    figures = expected(scored_bags, scored_bags.RESULTS, (0, 1, 5, 6))['detection']
    assert run.detection['AP'] == pytest.approx(figures['AP'], abs=1e-9)


def test_a_coco_json_of_another_size_is_one_line(tmp_path, bag, scored_bags):
    content = instances(scored_bags, lambda number: f'{number:03d}')
    content['images'][3]['width'] = 65
    (tmp_path / 'boxes.json').write_text(json.dumps(content))
    with pytest.raises(InputError, match='its truth is of 65x48'):
        scored(bag, tmp_path / 'boxes.json')


def test_a_folder_that_does_not_name_its_labels_is_refused(tmp_path, bag):
    folder = tmp_path / 'labels'
    folder.mkdir()
    with pytest.raises(InputError, match='--truth-classes'):
        scored(bag, folder)
    with pytest.raises(InputError, match='no label images'):
        scored(bag, folder, truth=TopicChoice(label_names=('a',)))
    cv2.imwrite(str(folder / '0.png'), np.full((48, 64), 3, np.uint8))
    with pytest.raises(InputError, match='holds the label 3'):
        scored(bag, folder, truth=TopicChoice(label_names=('sky',)))


@pytest.mark.parametrize('choice', [
    TopicChoice(detections='/camera/image'), TopicChoice(labels='/truth/detections'),
    TopicChoice(labels='/nothing')])
def test_topics_of_another_type_are_one_line(bag, choice):
    with pytest.raises(InputError, match='needed is .*its topics are'):
        scored(bag, results=choice)


def test_missing_files_are_named(tmp_path, bag):
    for results, truth in ((bag, tmp_path / 'no'), (tmp_path / 'no.mcap', bag)):
        with pytest.raises(InputError, match='does not exist'):
            scored(results, truth)


def test_criteria_about_other_classes_are_refused_before_scoring(bag):
    with pytest.raises(InputError, match="'tram' is not scored"):
        RecordingScore(bag, [bag], criteria=Criteria([Criterion('AP50', 0.5, 'at_least',
                                                                'tram')]))


def test_the_worst_frames_come_first(bag):
    frames = []
    score = RecordingScore(bag, [bag], ScoreOptions(worst=3))
    result = score.run(frames.append)
    ranked = sorted(frames, key=lambda frame: (frame.score, frame.number))[:3]
    assert result.run.worst == tuple(frame.stamp_ns for frame in ranked)
    assert [one.frame for one in result.worst] == ranked
    assert result.worst[0].truth.label_map.shape == (48, 64)


def test_a_node_that_told_of_drops_is_believed(tmp_path, scored_bags):
    types = scored_bags.rosbags_types
    from triplenet_ros.messages.message_types import rosbags_typestore
    store = rosbags_typestore()
    kinds = {name: store.types[f'diagnostic_msgs/msg/{name}'] for name in (
        'DiagnosticArray', 'DiagnosticStatus', 'KeyValue')}
    channel = scored_bags.made_channel('/diagnostics', 'diagnostic_msgs/msg/DiagnosticArray')

    def status(number, **values):
        at = scored_bags.FIRST + number * scored_bags.STEP + 50_000_000
        known = {'network': 'tiny', 'device': 'cpu', 'received': '12', 'processed': '10',
                 **{key: str(value) for key, value in values.items()},
                 'total p50 ms': '5.25', 'total p95 ms': '7.50'}
        one = kinds['DiagnosticStatus'](
            level=0, name='perception_node: perception', message='active', hardware_id='none',
            values=[kinds['KeyValue'](key=key, value=value) for key, value in known.items()])
        return scored_bags.stored(channel, at, kinds['DiagnosticArray'](
            header=types().header(0, ''), status=[one]))

    path = scored_bags.write(tmp_path / 'told.mcap', scored_bags.RESULTS, scored_bags.TRUTH, [
        status(2, dropped=0, stale=0, errors=0), status(5, dropped=2, stale=0, errors=0),
        status(8, dropped=2, stale=1, errors=0)])
    frames = []
    run = scored(path, frames=frames)
    assert run.drops == {'images': 12, 'processed': 10, 'dropped': 2, 'stale': 1, 'errors': 0}
    at = [scored_bags.FIRST + number * scored_bags.STEP for number in range(10)]
    assert [(event.stamp_ns, event.kind, event.count) for event in run.events] == [
        (at[5], 'dropped', 2), (at[8], 'stale', 1)]
    assert frames[5].events == {'dropped': 2} and frames[8].events == {'stale': 1}
    assert run.latency_ms['total'] == {'p50': 5.25, 'p95': 7.5}
    assert run.run.network == 'tiny' and run.run.device == 'cpu'


def test_boxes_that_are_no_numbers_are_one_line(tmp_path, scored_bags):
    messages = list(scored_bags.side_messages(replace(scored_bags.RESULTS,
                                                      tasks=('detections',))))
    header = scored_bags.TYPES.header(scored_bags.FIRST + scored_bags.STEP, 'camera')
    prediction = scored_bags.seen(1, scored_bags.RESULTS)
    prediction.boxes[0, 0] = np.nan
    messages[2] = scored_bags.stored(
        messages[2].channel, messages[2].time_ns,
        scored_bags.encode.detections(prediction, header, scored_bags.TYPES))
    path = scored_bags.write(tmp_path / 'nan.mcap', messages, scored_bags.TRUTH)
    with pytest.raises(InputError, match=r'detections in .* at 1700000000\.1.*not a finite'):
        scored(path)
