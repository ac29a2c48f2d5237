"""The node answers every image under its own header, and only while it is active."""

import numpy as np
from sensor_msgs.msg import CompressedImage, Image
from vision_msgs.msg import Detection2DArray, LabelInfo, VisionInfo


def labels_of(message):
    """Return the labels of a mono8 image."""
    assert message.encoding == 'mono8' and len(message.data) == message.step * message.height
    return np.frombuffer(message.data, np.uint8).reshape(message.height, message.width)


def test_results_are_those_of_the_predictor_under_the_header_of_the_image(
        active_node, listener, image_message, tiny_weights):
    from triplenet_ros import Predictor

    active_node()
    listener.hear('/perception_node/detections', Detection2DArray)
    listener.hear('/perception_node/label_image', Image)
    publisher = listener.connect('image', Image)
    message = image_message()
    listener.until(lambda: (publisher.publish(message), all(listener.heard.values()))[1])
    found, = listener.heard['/perception_node/detections'][:1]
    labels, = listener.heard['/perception_node/label_image'][:1]
    predictor = Predictor.load(tiny_weights, device='cpu', score_threshold=0.2)
    expected = predictor(np.frombuffer(message.data, np.uint8).reshape(48, 80, 3))
    assert found.header == labels.header == message.header
    assert [one.results[0].hypothesis.class_id for one in found.detections] == [
        str(class_id) for class_id in expected.class_ids]
    np.testing.assert_array_equal(labels_of(labels), expected.label_map)
