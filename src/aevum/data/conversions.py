"""Kinds of files that aren't read, and the line that makes of each one that is."""

from __future__ import annotations

from pathlib import Path

from aevum.data.files import shown
from aevum.errors import InputError

_TABLE = ".to_csv('x.csv', index=False)"
# Some of these run code when they are opened, and each needs a library of its own: the user opens them.
_LINES = {
    ".pt": "np.save('x.npy', torch.load({0}, weights_only=True).numpy())",
    ".mat": "np.save('x.npy', scipy.io.loadmat({0})['X'])",
    ".h5": "np.save('x.npy', h5py.File({0})['X'][:])",
    ".pkl": "np.save('x.npy', np.asarray(pd.read_pickle({0})))",
    ".dcm": "np.save('x.npy', np.stack([pydicom.dcmread(f).pixel_array for f in sorted(glob.glob('*.dcm'))]))",
    ".nii": "np.save('x.npy', nibabel.load({0}).get_fdata())",
    ".fits": "np.save('x.npy', np.stack([astropy.io.fits.getdata(f) for f in sorted(glob.glob('*.fits'))]))",
    ".heic": "pillow_heif.register_heif_opener(); Image.open({0}).save('x.png')",
    ".json": "pd.read_json({0})" + _TABLE,
    ".jsonl": "pd.read_json({0}, lines=True)" + _TABLE,
    ".feather": "pd.read_feather({0}).to_parquet('x.parquet')",
    ".xls": "pd.read_excel({0})" + _TABLE,
    ".ods": "pd.read_excel({0})" + _TABLE,
    ".dta": "pd.read_stata({0})" + _TABLE,
    ".sav": "pd.read_spss({0})" + _TABLE,
    ".sas7bdat": "pd.read_sas({0})" + _TABLE,
    ".wav": "np.save('x.npy', np.stack([scipy.io.wavfile.read(f)[1] for f in sorted(glob.glob('*.wav'))]))",
    ".mp4": "imageio.v3.imwrite('x.tif', imageio.v3.imread({0}))",
}
_SAME = {
    ".pth": ".pt", ".hdf5": ".h5", ".hdf": ".h5", ".he5": ".h5", ".pickle": ".pkl", ".joblib": ".pkl", ".dicom": ".dcm",
    ".fit": ".fits", ".fts": ".fits", ".heif": ".heic", ".avif": ".heic", ".ndjson": ".jsonl", ".arrow": ".feather",
    ".avi": ".mp4", ".mov": ".mp4",
}  # fmt: skip


def line_for(path: Path) -> str | None:
    """The line of Python that makes a file that is read of one of this ending.

    >>> line_for(Path("a.mat")), line_for(Path("a.xyz"))
    ("np.save('x.npy', scipy.io.loadmat('a.mat')['X'])", None)
    """
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    line = _LINES.get(_SAME.get(suffix, suffix))
    return None if line is None else line.format(repr(shown(path.name)))


def unread(path: Path) -> InputError | None:
    """The error for a file that another library opens; None where nothing is known of its ending."""
    line = line_for(path)
    if line is None:
        return None
    return InputError(f"{shown(path)} is of a kind that isn't read; convert it first, in Python: {line}")
