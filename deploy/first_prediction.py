"""Load and use what the service does, so that Python compiles it."""

from importlib import import_module

from skecg import make_lvh_ecg
from skecg.serve import analyse, draw_sheet, open_model

for needed in ("h5py", "pydicom", "soundfile", "uvicorn", "skecg.serve._app"):
    import_module(needed)
record = make_lvh_ecg(1, fs=500, random_state=0, as_xarray=True).data
answer = analyse(record, open_model())
draw_sheet(record)
print(f"{answer['model']['name']} predicts {answer['probability']:.3f}.")
