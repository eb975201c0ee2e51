"""Settings of the cell prototype and of the maps between embeddings and the cube's surface."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import model_validator

from lattice.config.base import Settings, setting
from lattice.config.sections import registered
from lattice.plugins import CELL_RULES

Placement = Literal["surface", "through"]
FaceName = Literal["-x", "+x", "-y", "+y", "-z", "+z"]
"""A face of the cube by the direction that points out of it there."""
Faces = tuple[FaceName, FaceName]
"""Input face, then output face, of a `through` cube."""


class ModelSettings(Settings):
    """The cell prototype: one small network that every cell runs."""

    rule: Annotated[str, *registered(CELL_RULES)] = setting(
        "experts",
        title="Cell rule",
        description="What every cell computes: 'experts', 'nca', 'diffusion', or a rule that a plugin brings. "
        "Its own settings are in the section rule.<name>, those of 'experts' here.",
        cost="rebuild",
    )
    state_size: int = setting(
        24,
        title="State size",
        description="Numbers in the state of one cell.",
        unit="floats per cell",
        cost="rebuild",
        ge=2,
        le=256,
    )
    message_channels: int = setting(
        8,
        title="Message channels",
        description="Channels that the local and the distant tier average.",
        unit="channels",
        cost="rebuild",
        ge=1,
        le=128,
    )
    similarity_channels: int | None = setting(
        None,
        title="Similarity channels",
        description="Dimensions in which the functional tier compares two cells. Empty: 4, or as many as a flow "
        "through the cube needs to single out the neighbour upstream (6 for 18 neighbours, 12 for 26).",
        unit="channels",
        cost="rebuild",
        ge=1,
        le=16,
    )
    value_channels: int | None = setting(
        None,
        title="Value channels",
        description="Channels of the functional tier's messages. Empty: 6, or as many as a flow through the cube has "
        "scalars on each cell of its input face; then the experts are at least twice as wide.",
        unit="channels",
        cost="rebuild",
        ge=1,
        le=64,
    )
    expert_hidden: int = setting(
        32,
        title="Expert width",
        description="Hidden width of the functional expert's network and of the distant expert's flow.",
        unit="channels",
        cost="rebuild",
        ge=2,
        le=512,
    )
    flow_substeps: int = setting(
        2,
        title="Flow sub-steps",
        description="Integration steps of the distant expert's neural ODE within one lattice step.",
        unit="sub-steps",
        cost="live",
        ge=1,
        le=16,
    )
    flow_method: Literal["euler", "rk4"] = setting(
        "euler",
        title="Flow method",
        description="Integrator of the distant expert: 'euler' runs its network once per sub-step, 'rk4' four times.",
        cost="live",
    )
    update_scale: float = setting(
        0.5,
        title="Update scale",
        description="Factor on every change of a cell's state. Small values calm the cube down.",
        cost="live",
        gt=0.0,
        le=2.0,
    )
    position_frequencies: int = setting(
        3,
        title="Position frequencies",
        description="Octaves of the sine and cosine features that tell a cell where it is.",
        unit="octaves",
        cost="rebuild",
        ge=1,
        le=8,
    )


class EmbeddingMappingSettings(Settings):
    """How an embedding is painted on the cube and read back."""

    placement: Placement = setting(
        "surface",
        title="Placement",
        description="'surface': in and out on all six faces. 'through': in on one face, out on another, "
        "so that nothing passes unless the volume carries it.",
        cost="rebuild",
    )
    input_face: FaceName = setting(
        "-x",
        title="Input face",
        description="Face that a 'through' cube is painted on. '-x' is the face at x = 0.",
        cost="rebuild",
    )
    output_face: FaceName = setting(
        "+x",
        title="Output face",
        description="Face that a 'through' cube is read from, opposite to the input face or beside it.",
        cost="rebuild",
    )
    start: Literal["random", "identity", "memories"] = setting(
        "random",
        title="Start",
        description="How painting and reading begin. 'random': learned from nothing. 'identity': the read-out is the "
        "inverse of what was painted, so that an untrained cube already answers with its input. 'memories': painted "
        "are likenesses to centres of the training samples, and the read-out is fitted to them before training.",
        cost="rebuild",
    )
    scalars_per_cell: int | None = setting(
        None,
        title="Scalars per cell",
        description="Numbers painted on each input cell and read from each output cell. "
        "Empty: just enough for the embedding's width.",
        unit="scalars",
        cost="rebuild",
        ge=1,
        le=64,
    )
    volume_initializer: Literal["learned", "zeros"] = setting(
        "learned",
        title="Volume start",
        description="How interior cells begin: 'learned' from the surface's mean and their position, or 'zeros'.",
        cost="rebuild",
    )
    normalize_embeddings: bool = setting(
        True,
        title="Unit embeddings",
        description="Divide every embedding by its length before it is painted or compared.",
        cost="rebuild",
    )

    @property
    def faces(self) -> Faces:
        """Input face, then output face; they matter to placement `through` alone."""
        return self.input_face, self.output_face

    @model_validator(mode="after")
    def _faces_differ(self) -> Self:
        if self.input_face == self.output_face:
            raise ValueError(
                f"input and output face are both {self.input_face!r}: a cube is read from another face than it is "
                "painted on, so choose two different ones"
            )
        return self
