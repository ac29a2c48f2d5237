"""What all tests share."""

from pathlib import Path

import cv2
import pytest
import torch

# Tests run beside each other and beside other work: none may take the whole machine.
torch.set_num_threads(1)
cv2.setNumThreads(1)


@pytest.fixture(scope='session')
def shared_data() -> Path:
    """Folder of real data beside the repository; what needs it is skipped where it is absent."""
    folder = Path(__file__).resolve().parents[2] / 'shared' / 'data'
    if not folder.is_dir():
        pytest.skip('needs ../shared/data')
    return folder
