"""A trained student as one network: embeddings in, embeddings out, nothing else to know.

Shapes: B samples, D embedding width.
"""

from __future__ import annotations

from torch import Tensor, nn

from lattice.config import SimpleProjectConfig
from lattice.exporting.convolution import ConvolutionMeans
from lattice.model.rollout import roll_out
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.objectives import prepare_embeddings
from lattice.training.evaluation import EVALUATION_DRAW


class EncodingNetwork(nn.Module):
    """Prepares embeddings as the run did, and answers with the cube's; no weight takes a gradient."""

    def __init__(self, config: SimpleProjectConfig, student: StudentModel) -> None:
        """Wrap a copy of a run's student, on the processor and in float32.

        Args:
            config: of the run.
            student: any student of the same config; it stays as it is.
        """
        super().__init__()
        self.rule = config.model.rule
        self._mapping, self._steps = config.embedding_mapping, config.lattice.lattice_steps
        self.student = StudentModel.seeded(config.replaced({"device.precision": "float32"}), student.width)
        self.student.load_state_dict({name: value.cpu() for name, value in student.state_dict().items()})
        # A rule that draws does so as at an evaluation.
        self.student.draw_from(config.training_embedding.seed, EVALUATION_DRAW)
        self._tier_means = ConvolutionMeans.of(config.lattice.dimensions, config.lattice.get_distance_thresholds())
        self.eval().requires_grad_(False)

    def forward(self, rows_BD: Tensor) -> Tensor:
        """Return the student's embeddings, float32 [B, D]."""
        return self.answer(rows_BD, self._tier_means)

    def answer(self, rows_BD: Tensor, tier_means: TierMeans) -> Tensor:
        """Return the same, float32 [B, D], with another engine for the same lattice."""
        student, context = self.student, self.student.context(tier_means.live_tiers)
        painted_NBC = student.paint(prepare_embeddings(rows_BD, self._mapping))
        # What the student does but for its switch of precision, which would become a part of the program.
        return student.read(roll_out(student.prototype, painted_NBC, context, tier_means, self._steps).final)
