"""The page in a browser: what a person sees, with and without JavaScript."""

import json
import shutil
from pathlib import Path

import pytest

webdriver = pytest.importorskip("selenium.webdriver")
from selenium.common.exceptions import (  # noqa: E402
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver.common.action_chains import ActionChains  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import Select, WebDriverWait  # noqa: E402

from skecg import read_ecg, write_ecg  # noqa: E402

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
if not CHROMIUM or not DRIVER:
    pytest.skip("chromium and its driver are not installed", allow_module_level=True)

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
ANSWERED = {
    "Example.xml",
    "Example.dcm",
    "Example.scp",
    "ecg2dcm_synthetic_muse.dcm",
    "ecg2dcm_synthetic_muse.xml",
    "pydicom_waveform_ecg.dcm",
    "129DYPRG.XML",
    "ad4d3d80-d165_1-04_converted.xml",
    "ad4d3d80-d165_1-04_orig.xml",
    "PFE105_high.scp",
    "PFE105_redred.scp",
}
"""Samples that are 12-lead records in one file."""

FLAGS = (
    "headless",
    "no-sandbox",
    "disable-gpu",
    "disable-quic",
    "no-first-run",
    "disable-background-networking",
    "disable-component-update",
    "disable-sync",
    "window-size=1280,1000",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A browser with nothing in it."""
    folder = tmp_path_factory.mktemp("browser")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in FLAGS:
        options.add_argument(f"--{flag}")
    options.add_argument(f"--user-data-dir={folder / 'profile'}")
    options.add_experimental_option(
        "prefs", {"download.default_directory": str(folder)}
    )
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    driver.downloads = folder
    driver.set_script_timeout(60)
    driver.set_page_load_timeout(60)
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, service):
    """The page, freshly loaded; at the end, nothing may have gone wrong in it."""
    browser.get_log("browser")
    browser.get(f"http://127.0.0.1:{service.port}/")
    yield browser
    errors = [e["message"] for e in browser.get_log("browser")]
    # The status of a refused file is in the log too, and belongs there.
    assert [e for e in errors if "422" not in e] == []


@pytest.fixture
def sent(page, tables, tmp_path):
    """Return a function that chooses a file in the page."""

    def send(content=tables[0], name="with.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        _choose(page, path)
        _wait(page, lambda: name in _status(page) or not _answers(page))
        return page

    return send


def _one(page, selector):
    return page.find_element(By.CSS_SELECTOR, selector)


def _choose(page, *paths):
    """Choose files instead of those that were chosen before."""
    page.execute_script("document.getElementById('file').value = ''")
    _one(page, "#file").send_keys("\n".join(map(str, paths)))


def _answers(page):
    return page.find_elements(By.CSS_SELECTOR, ".answer")


def _status(page):
    return _one(page, "#status").text


def _wait(page, condition):
    # What is looked at may be replaced between being found and being read.
    waiting = WebDriverWait(
        page,
        60,
        ignored_exceptions=[NoSuchElementException, StaleElementReferenceException],
    )
    waiting.until(lambda _: condition())


def test_an_example_is_one_click(page):
    for name, decided in (("with-lvh", "positive"), ("without-lvh", "negative")):
        _one(page, f'[data-example="{name}"]').click()
        _wait(page, lambda decided=decided: _answers(page) and decided in _rows(page))
        assert len(page.find_elements(By.CSS_SELECTOR, ".sheet path.trace")) == 13
        assert "not a medical device" in _one(page, ".answer .caveat").text


def _rows(page):
    cells = page.find_elements(By.CSS_SELECTOR, ".decisions tbody td:last-child")
    return [cell.text for cell in cells]


def test_a_file_is_shown_and_sex_and_age_can_be_corrected(sent):
    page = sent()
    _wait(page, lambda: "was read" in _status(page))
    facts = _one(page, ".facts").text
    assert "100 Hz" in facts
    assert "not stated" in facts
    Select(_one(page, "#sex")).select_by_value("female")
    _wait(page, lambda: "female" in _one(page, ".facts").text)
    assert "> 2" in _one(page, ".criteria").text
    _one(page, "#age").send_keys("61", Keys.TAB)
    _wait(page, lambda: "61 years" in _one(page, ".facts").text)


def test_a_broken_file_is_refused_in_words(sent):
    page = sent(b"no ECG at all", "broken.xml")
    _wait(page, lambda: "none of the formats" in _status(page))
    assert not _answers(page)
    assert not _one(page, "#tools").is_displayed()


def test_a_large_file_is_refused_in_words(sent):
    page = sent(b"0" * (20 * 2**20 + 1), "large.xml")
    _wait(page, lambda: "at most 20971520 are read" in _status(page))
    assert not _answers(page)


def test_attributions_are_shown_and_taken_away(sent):
    page = sent()
    _wait(page, lambda: _answers(page))
    assert not page.find_elements(By.CSS_SELECTOR, ".band")
    _one(page, "#explain").click()
    _wait(page, lambda: page.find_elements(By.CSS_SELECTOR, ".explanation"))
    assert _one(page, "#explain").get_attribute("aria-pressed") == "true"
    assert page.find_elements(By.CSS_SELECTOR, "#sheet path.band")
    table = _one(page, ".explanation table").text
    assert "limb leads" in table
    assert "QRS" in table
    _one(page, "#explain").click()
    _wait(page, lambda: not page.find_elements(By.CSS_SELECTOR, ".band, .explanation"))
    assert _one(page, "#explain").get_attribute("aria-pressed") == "false"


def test_the_waves_of_a_criterion_are_marked_on_the_median_beats(sent):
    page = sent()
    _wait(page, lambda: _answers(page))
    (button,) = page.find_elements(By.XPATH, "//button[starts-with(., 'Cornell: ')]")
    button.send_keys(Keys.ENTER)
    marked = page.find_elements(By.CSS_SELECTOR, ".ecg-beats .used")
    assert {wave.get_attribute("data-wave") for wave in marked} <= {"R aVL", "S V3"}
    assert marked
    button.send_keys(Keys.ENTER)
    assert not page.find_elements(By.CSS_SELECTOR, ".ecg-beats .used")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility_tools_find_nothing_serious(sent, service, scheme):
    axe = pytest.importorskip("axe_core_python")
    script = (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    page = sent()
    _wait(page, lambda: _answers(page))
    _one(page, "#explain").click()
    _wait(page, lambda: page.find_elements(By.CSS_SELECTOR, ".explanation"))
    media = [{"name": "prefers-color-scheme", "value": scheme}]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
    try:
        for path in (None, "docs"):
            if path is not None:
                page.get(f"http://127.0.0.1:{service.port}/{path}")
            page.execute_script(script)
            found = page.execute_async_script("axe.run().then(arguments[0])")
            assert found["passes"]
            assert [
                (v["id"], [node["html"] for node in v["nodes"]])
                for v in found["violations"]
                if v["impact"] in ("serious", "critical")
            ] == []
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_a_printed_result_has_no_controls(sent):
    page = sent()
    _wait(page, lambda: _answers(page))
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        for selector in ("#form", "#tools", "#examples", "#status", "footer"):
            assert not _one(page, selector).is_displayed()
        for selector in (".answer .caveat", ".probability", ".sheet", ".criteria"):
            assert _one(page, selector).is_displayed()
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_every_sample_is_answered_or_refused_in_words(page):
    if not SAMPLES.is_dir():
        pytest.skip("the sample recordings are not beside this checkout")
    answered = set()
    for path in sorted(SAMPLES.rglob("*.*")):
        page.execute_script("document.getElementById('status').textContent = ''")
        _choose(page, path)
        _wait(page, lambda: _status(page) not in ("", "Reading…"))
        if _answers(page):
            answered.add(path.name)
            assert path.name in _status(page)
            assert len(page.find_elements(By.CSS_SELECTOR, "#sheet path.trace")) == 13
        else:
            assert len(_status(page)) > 20
    assert answered >= ANSWERED


def test_the_two_files_of_a_wfdb_record_are_one_recording(page, tables, tmp_path):
    write_ecg(read_ecg(tables[0]), tmp_path / "r.hea")
    _choose(page, tmp_path / "r.dat", tmp_path / "r.hea")
    _wait(page, lambda: "r.hea was read" in _status(page))
    assert "100 Hz" in _one(page, ".facts").text
    _choose(page, tmp_path / "r.hea")
    _wait(page, lambda: "'r.dat', which is absent" in _status(page))


def test_speed_gain_zoom_and_caliper(sent):
    page = sent()
    _wait(page, lambda: _answers(page))
    Select(_one(page, "#speed")).select_by_value("50")
    _wait(page, lambda: _one(page, ".sheet svg").get_attribute("data-speed") == "50")
    Select(_one(page, "#speed")).select_by_value("25")
    _wait(page, lambda: _one(page, ".sheet svg").get_attribute("data-speed") == "25")
    width = _one(page, ".sheet svg").size["width"]
    _one(page, "#larger").click()
    assert _one(page, ".sheet svg").size["width"] > 1.4 * width
    _one(page, "#smaller").click()
    sheet = _one(page, ".sheet svg")
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", sheet)
    millimetre = sheet.size["width"] / float(
        sheet.get_dom_attribute("viewBox").split()[2]
    )
    chain = ActionChains(page).move_to_element(sheet).click_and_hold()
    chain.move_by_offset(round(25 * millimetre), -round(10 * millimetre)).perform()
    measured = _one(page, "#caliper").text
    ActionChains(page).release().perform()
    milliseconds, millivolts = (float(word) for word in measured.split()[::2])
    assert milliseconds == pytest.approx(1000, abs=20)
    assert millivolts == pytest.approx(1, abs=0.02)


def test_what_is_shown_can_be_saved(sent):
    page = sent()
    _wait(page, lambda: _answers(page))
    for button, name in (("save-report", "ecg-report.html"), ("save-json", "ecg.json")):
        _one(page, f"#{button}").click()
        path = page.downloads / name
        _wait(page, path.exists)
    answers = json.loads((page.downloads / "ecg.json").read_text())
    assert answers["results"][0]["status"] == "ok"
    assert "<style>" in (page.downloads / "ecg-report.html").read_text()


def test_the_page_works_without_javascript(browser, service, tables, tmp_path):
    path = tmp_path / "with.csv"
    path.write_bytes(tables[0])
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(f"http://127.0.0.1:{service.port}/")
        _one(browser, "#file").send_keys(str(path))
        _one(browser, 'button[type="submit"]').click()
        _wait(browser, lambda: _answers(browser))
        assert "specificity 0.90" in _one(browser, ".answer").text
        # The style of the service came too.
        assert _one(browser, ".facts").value_of_css_property("display") == "grid"
    finally:
        browser.execute_cdp_cmd(
            "Emulation.setScriptExecutionDisabled", {"value": False}
        )


def test_nothing_is_wider_than_a_telephone(sent):
    page = sent()
    _wait(page, lambda: _answers(page))
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        width = page.execute_script("return document.documentElement.scrollWidth")
        assert width <= 390
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_all_that_can_be_done_has_a_name_and_can_be_reached_by_keyboard(sent):
    page = sent()
    _wait(page, lambda: _answers(page))
    _one(page, "h1").click()
    reached = set()
    for _ in range(60):
        ActionChains(page).send_keys(Keys.TAB).perform()
        here = page.switch_to.active_element
        if here.tag_name == "body":  # past the last one
            break
        name = here.accessible_name
        assert name, here.get_attribute("outerHTML")
        reached.add(here.get_attribute("id") or here.text)
    assert {"file", "sex", "age", "speed", "gain", "larger", "save-json"} <= reached
