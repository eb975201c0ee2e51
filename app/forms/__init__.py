"""Form widgets generated from the settings' own titles, units, bounds and descriptions."""

from app.forms.editor import SettingEditor
from app.forms.fields import FieldSpec, field_spec
from app.forms.form import SettingsForm

__all__ = ["FieldSpec", "SettingEditor", "SettingsForm", "field_spec"]
