from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.waveforms import multiplex_array

import explorer
from explorer.ingest import ingest
from explorer.readers.dicom_waveform import DicomWaveformReader
from explorer.readers.reader import Reader
from explorer.verify import verify
from explorer.waveform_draft import WaveformDraft

ECG = Path(str(get_testdata_file("waveform_ecg.dcm", download=False)))


def statuses(dicom: Any, path: Path) -> tuple[list[WaveformDraft], str, str]:
    header = DicomWaveformReader().peek(dicom.source(path))
    assert header is not None
    assert header.kind == "waveform"
    reading = DicomWaveformReader().read([header], [])
    (status,) = reading.statuses
    drafts = [one for one in reading.drafts if isinstance(one, WaveformDraft)]
    return drafts, status.status, status.reason or ""


def edited(path: Path, change: Any) -> Path:
    dataset = pydicom.dcmread(ECG)
    change(dataset, dataset.WaveformSequence[0])
    dataset.save_as(path)
    return path


def test_is_a_reader() -> None:
    assert isinstance(DicomWaveformReader(), Reader)


def test_both_groups_of_a_real_ecg_equal_pydicom(dicom: Any) -> None:
    drafts, status, _ = statuses(dicom, ECG)
    assert status == "ingested"
    dataset = pydicom.dcmread(ECG)
    rhythm, beat = drafts
    assert (rhythm.shape, beat.shape) == ((12, 10000), (12, 1200))
    assert (rhythm.modality, rhythm.sampling_hz, rhythm.start_s) == ("ECG", 1000, 0)
    assert rhythm.channels[:3] == ["Lead I (Einthoven)", "Lead II", "Lead III"]
    assert set(rhythm.units) == {"uV"}
    assert rhythm.acquired == "2013-01-25"
    assert beat.meta["part_of"] == rhythm.item
    assert beat.meta["group_label"] == "MEDIAN BEAT"
    for index, draft in enumerate(drafts):
        assert np.array_equal(draft.load(), multiplex_array(dataset, index, as_raw=True).T)
        values = draft.load() * draft.slope[:, None] + draft.intercept[:, None]
        assert np.array_equal(values, multiplex_array(dataset, index, as_raw=False).T)


def test_sensitivity_correction_and_baseline(dicom: Any, tmp_path: Path) -> None:
    def change(_: Any, group: Any) -> None:
        channel = group.ChannelDefinitionSequence[1]
        channel.ChannelSensitivity, channel.ChannelSensitivityCorrectionFactor = 2.5, 1.5
        channel.ChannelBaseline = -7
        del group.ChannelDefinitionSequence[2].ChannelSensitivity

    path = edited(tmp_path / "ecg.dcm", change)
    (draft, _), _, _ = statuses(dicom, path)
    expected = multiplex_array(pydicom.dcmread(path), 0, as_raw=False).T
    values = draft.load() * draft.slope[:, None] + draft.intercept[:, None]
    assert np.array_equal(values.astype(np.float32), expected.astype(np.float32))
    assert (draft.slope[1], draft.intercept[1]) == (3.75, -7)
    assert "1 channel(s) have no sensitivity" in draft.problems[0]


def test_in_the_store(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(ECG, folder)
    ingest(folder, tmp_path / "s.onco")
    store = explorer.open(tmp_path / "s.onco")
    assert verify(store).ok
    patient = store["642341"]
    assert len(patient.waveforms) == 2
    dataset = pydicom.dcmread(ECG)
    for index, wave in enumerate(sorted(patient.waveforms.values(), key=lambda w: -w.shape[1])):
        expected = multiplex_array(dataset, index, as_raw=False).T
        assert np.array_equal(wave.data.values, expected.astype(np.float32))
        assert wave.data.sel(channel="Lead II").sizes == {"time": wave.shape[1]}
        assert float(wave.data["time"][1]) == 0.001
        assert wave.units == "uV"
        assert wave.day == 0
        html = wave._repr_html_()
        assert "data:image/png" in html
        assert "uV" in html
    assert "waveforms" in patient.tree
    # the second group of a file goes where the first goes
    dataset.PatientID = "somebody else"
    dataset.save_as(folder / "waveform_ecg.dcm")
    ingest(folder, tmp_path / "s.onco")
    assert len(store["642341"].waveforms) == 0
    assert len(store["somebody else"].waveforms) == 2
    del dataset.WaveformSequence[1]
    dataset.save_as(folder / "waveform_ecg.dcm")
    ingest(folder, tmp_path / "s.onco")
    assert len(store["somebody else"].waveforms) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"NumberOfWaveformSamples": 10**9}, "end early"),
        ({"NumberOfWaveformChannels": 0}, "0 channels"),
        ({"NumberOfWaveformChannels": 11}, "12 channels are described, 11 are there"),
        ({"WaveformSampleInterpretation": "XX"}, "WaveformSampleInterpretation is 'XX'"),
        ({"SamplingFrequency": 0}, "SamplingFrequency is 0"),
    ],
)
def test_claims_that_cannot_be(
    dicom: Any, tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    def apply(dataset: Any, group: Any) -> None:
        for name, value in change.items():
            setattr(group, name, value)
        del dataset.WaveformSequence[1]

    drafts, status, said = statuses(dicom, edited(tmp_path / "bad.dcm", apply))
    assert drafts == []
    assert status == "refused"
    assert reason in said


def test_loudness_is_skipped_and_one_bad_group_spares_the_other(dicom: Any, tmp_path: Path) -> None:
    def loud(dataset: Any, group: Any) -> None:
        group.WaveformSampleInterpretation, group.WaveformBitsAllocated = "MB", 8
        del dataset.WaveformSequence[1]

    drafts, status, said = statuses(dicom, edited(tmp_path / "loud.dcm", loud))
    assert (drafts, status) == ([], "skipped")
    assert "not read yet" in said

    def cut(_: Any, group: Any) -> None:
        group.NumberOfWaveformSamples = 10**8

    drafts, status, said = statuses(dicom, edited(tmp_path / "cut.dcm", cut))
    assert (len(drafts), status) == (1, "ingested")
    assert "multiplex group 1 is left out" in said


def test_other_files_are_not_claimed(dicom: Any) -> None:
    for name in ("CT_small.dcm", "test-SR.dcm", "README.txt"):
        path = ECG.with_name(name)
        assert DicomWaveformReader().peek(dicom.source(path)) is None
