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

"""report.html in a real browser, where Chromium and its driver are installed."""

import shutil

import cv2
import numpy as np
import pytest

from triplenet_ros.evaluation.report.pictures import names_of, PICTURES
from triplenet_ros.evaluation.report.scored_page import write_page

webdriver = pytest.importorskip('selenium.webdriver')
BROWSERS = ('chromium', 'chromium-browser', 'google-chrome')
ARGUMENTS = ('--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage')


@pytest.fixture(scope='module')
def browser():
    binary = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which('chromedriver')
    if binary is None or driver is None:
        pytest.skip('needs Chromium and its driver')
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    service = webdriver.chrome.service.Service(driver)
    with webdriver.Chrome(options=options, service=service) as browser:
        yield browser


@pytest.fixture(scope='module')
def report(scored_example, tmp_path_factory):
    folder = tmp_path_factory.mktemp('report')
    scored_example.write_example(folder)
    (folder / PICTURES).mkdir()
    picture = np.full((480, 640, 3), 90, np.uint8)
    for name in vars(names_of(scored_example.run().worst[0])).values():
        cv2.imwrite(str(folder / PICTURES / name), picture)
    return write_page(folder)


def opened(browser, report, width=1280, scheme='light'):
    browser.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', {
        'width': width, 'height': 844, 'deviceScaleFactor': 1, 'mobile': width < 600})
    browser.execute_cdp_cmd('Emulation.setEmulatedMedia', {
        'features': [{'name': 'prefers-color-scheme', 'value': scheme},
                     {'name': 'prefers-reduced-motion', 'value': 'reduce'}]})
    browser.get(report.as_uri())
    return browser


def test_the_console_stays_empty_and_pictures_load(browser, report):
    opened(browser, report)
    assert browser.get_log('browser') == []
    widths = browser.execute_script('return [...document.images].map((one) => one.naturalWidth)')
    assert widths == [640, 640]


def column(table, index):
    return table.parent.execute_script(
        'return [...arguments[0].tBodies[0].rows].map((row) => row.cells[arguments[1]].innerText)',
        table, index)


@pytest.mark.parametrize('way', ['click', 'Enter'])
def test_tables_sort_by_mouse_and_by_keyboard(browser, report, way):
    opened(browser, report)
    table = browser.find_element('css selector', '#classes table.sortable.narrow')
    button = table.find_elements('css selector', 'thead button')[1]
    press = button.click if way == 'click' else lambda: button.send_keys('\ue007')
    press()
    assert column(table, 1) == ['90.0', '80.0', '40.0']
    press()
    assert column(table, 1) == ['40.0', '80.0', '90.0']
    heading = table.find_elements('css selector', 'thead th')[1]
    assert heading.get_attribute('aria-sort') == 'ascending'


def test_unknown_values_sort_last_whichever_way(browser, report):
    opened(browser, report)
    table = browser.find_element('css selector', '#classes table.sortable')
    button = table.find_elements('css selector', 'thead button')[1]
    for _ in range(2):
        button.click()
        assert column(table, 1) == ['71.0', '–']


@pytest.mark.parametrize('width', [320, 390, 820, 1280])
def test_nothing_scrolls_sideways(browser, report, width):
    opened(browser, report, width)
    browser.execute_script('document.querySelectorAll("details").forEach((one) => one.open = 1)')
    assert browser.execute_script('return document.documentElement.scrollWidth') <= width


def test_dark_and_light_follow_the_system_and_text_can_be_read(browser, report):
    for scheme, darker in (('light', 'color'), ('dark', 'backgroundColor')):
        opened(browser, report, scheme=scheme)
        colors = browser.execute_script(
            'const style = getComputedStyle(document.body);'
            'return {color: style.color, backgroundColor: style.backgroundColor}')
        sums = {key: sum(map(int, value[4:-1].split(','))) for key, value in colors.items()}
        assert min(sums, key=sums.__getitem__) == darker
        assert abs(sums['color'] - sums['backgroundColor']) > 500


def test_what_is_folded_away_is_printed(browser, report):
    opened(browser, report)
    browser.execute_script('dispatchEvent(new Event("beforeprint"))')
    assert browser.execute_script('return document.querySelectorAll("details:not([open])").length'
                                  ) == 0
