"""Form widgets generated from the settings' titles, units, bounds and descriptions. Know settings, no run."""

from app.forms.editor import SettingEditor
from app.forms.fields import FieldSpec, field_spec
from app.forms.form import SettingsForm

__all__ = ["FieldSpec", "SettingEditor", "SettingsForm", "field_spec"]
