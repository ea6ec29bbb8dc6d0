//! What part of the time picture is seen. Plain arithmetic.

/// Zoom and pan of the time picture. The picture is `zoom` times as wide as its frame, which shows it from `left` on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// From 1 (everything fits).
    pub zoom: f64,
    /// Share of the picture that lies left of the frame, 0 to 1.
    pub left: f64,
    /// Idle gaps are folded.
    pub fold: bool,
}

impl Frame {
    /// The whole run, folded.
    pub const FIT: Self = Self {
        zoom: 1.0,
        left: 0.0,
        fold: true,
    };
    /// Closest; a step of a millisecond in a run of an hour can still be told apart.
    pub const ZOOM_MAX: f64 = 4096.0;

    /// Zoomed by a factor so that the point at share `at` of the frame stays where it is.
    pub fn zoomed(self, factor: f64, at: f64) -> Self {
        let zoom = (self.zoom * factor).clamp(1.0, Self::ZOOM_MAX);
        let held = self.left + at / self.zoom;
        Self { zoom, ..self }.panned_to(held - at / zoom)
    }

    /// With its left edge there, as far as there is picture.
    pub fn panned_to(self, left: f64) -> Self {
        Self {
            left: left.clamp(0.0, 1.0 - 1.0 / self.zoom),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_the_point_under_the_pointer_and_stays_inside() {
        let near = Frame::FIT.zoomed(4.0, 0.25);
        assert!((near.left + 0.25 / near.zoom - 0.25).abs() < 1e-9);
        let edge = near.panned_to(7.0);
        assert!(
            (edge.left - 0.75).abs() < 1e-9,
            "the right end of the picture is the end"
        );
        assert_eq!(near.zoomed(1e-9, 0.9), Frame::FIT);
        assert!(Frame::FIT.zoomed(1e9, 0.5).zoom < 1e4);
    }
}
