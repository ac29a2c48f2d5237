"""``triplenet replay``: a recording through the network, results into a bag."""

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from triplenet_ros.cli.figures import add_json_argument, text_stream, write_figures
from triplenet_ros.cli.predictor_options import add_predictor_arguments, load_predictor
from triplenet_ros.cli.progress import progress_bar
from triplenet_ros.errors import InputError
from triplenet_ros.outputs import check_writable, replacing

NAME = 'replay'
HELP = 'send every frame of a bag or video through the network and write a bag with the results'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument('input', type=Path, metavar='BAG|VIDEO',
                        help='rosbag2 folder, .mcap, .db3, ROS 1 .bag, or a video file')
    parser.add_argument('--out', type=Path, required=True, metavar='BAG',
                        help='the bag to write: NAME.mcap gives one file, any other name a '
                             'rosbag2 folder')
    parser.add_argument('--topic', help='the image topic, where the bag has several')
    parser.add_argument('--overwrite', action='store_true', help='replace existing outputs')
    parser.add_argument('--realtime', action='store_true',
                        help='play at the recorded rate and drop frames, as the node does')
    parser.add_argument('--no-overlay', dest='overlay', action='store_false',
                        help='leave the overlay topic out of the bag')
    parser.add_argument('--video', type=Path, metavar='FILE',
                        help='also write the overlays as a video, .mp4')
    parser.add_argument('--contact-sheet', type=Path, metavar='FILE',
                        help='also write overlays at even times as one image, .png or .jpg')
    add_json_argument(parser)
    add_predictor_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """
    Replay and print the figures.

    :raises InputError: if the input, the weights or an output cannot be used
    :raises KeyboardInterrupt: after Ctrl-C, when what was finished is written
    """
    from triplenet_ros.bag.source import open_source

    with open_source(args.input, args.topic) as source:
        _check_outputs(args)
        report = _replay(args, source, load_predictor(args))
    stream = text_stream(args.json)
    for note in report.notes:
        print(f'note: {note}', file=stream)
    print(f'{report.frames} frames, {report.processed} processed, {report.dropped} dropped, '
          f'{report.detections} boxes; {report.fps:.1f} frames/s ({report.network}, '
          f'{report.backend}, {report.device})', file=stream)
    print(f'written: {", ".join(str(path) for path in _outputs(args))}', file=stream)
    write_figures(report.figures(), args.json)
    if report.interrupted:
        raise KeyboardInterrupt


def _outputs(args: argparse.Namespace) -> list:
    return [path for path in (args.out, args.video, args.contact_sheet) if path is not None]


def _check_outputs(args: argparse.Namespace) -> None:
    """Refuse what cannot be written before minutes are spent on it."""
    if args.out.resolve() == args.input.resolve():
        raise InputError(f'{args.out} is the input: choose another name for the output')
    for path in _outputs(args):
        check_writable(path, args.overwrite)
    if args.contact_sheet and args.contact_sheet.suffix not in ('.png', '.jpg'):
        raise InputError(f'{args.contact_sheet} cannot be written as an image: the name must end '
                         'in .png or .jpg')


def _replay(args: argparse.Namespace, source: Any, predictor: Any) -> Any:
    from triplenet_ros.bag.overlays import Overlays
    from triplenet_ros.bag.realtime import replay_realtime
    from triplenet_ros.bag.replay import replay
    from triplenet_ros.bag.sink import bag_sink

    draw = Overlays()
    play = replay_realtime if args.realtime else replay
    with ExitStack() as stack:
        observers = _observers(args, source, predictor, draw, stack)
        sink = stack.enter_context(bag_sink(args.out, args.overwrite))
        return play(source, predictor, sink, observers, draw if args.overlay else None)


def _observers(args: argparse.Namespace, source: Any, predictor: Any, draw: Any,
               stack: ExitStack) -> list:
    bar = stack.enter_context(progress_bar(source.frame_count, NAME))
    observers = [lambda frame, prediction: bar.update()]
    if args.video is not None:
        from triplenet_ros.bag.video import DEFAULT_RATE
        from triplenet_ros.drawing.video import video_file
        rate = source.frame_rate or DEFAULT_RATE
        video = stack.enter_context(video_file(args.video, rate, args.overwrite))
        observers.append(lambda frame, prediction: video.add(draw(frame, prediction)))
    if args.contact_sheet is not None:
        from triplenet_ros.drawing.contact_sheet import ContactSheet
        sheet = ContactSheet()
        observers.append(lambda frame, prediction: sheet.add(
            draw(frame, prediction), frame.time_ns / 1e9))
        stack.enter_context(_sheet_file(args, sheet, predictor.classes))
    return observers


def _sheet_file(args: argparse.Namespace, sheet: Any, classes: Any) -> Any:
    """Return a context that writes the sheet when its block succeeds."""
    from contextlib import contextmanager

    import cv2

    @contextmanager
    def writing() -> Any:
        with replacing(args.contact_sheet, args.overwrite) as temporary:
            yield
            picture = cv2.cvtColor(sheet.picture(classes), cv2.COLOR_RGB2BGR)
            cv2.imwrite(str(temporary), picture)

    return writing()
