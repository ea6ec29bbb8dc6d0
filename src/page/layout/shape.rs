//! How the panels are arranged for the room there is. Plain arithmetic; `settings.rs` measures, the style sheets obey
//! (`data-shape` on the root).
//!
//! The room is counted in the page's own type, not in pixels: large type, whether the reader's or for presenting, leaves
//! less room for panels, just as a smaller window does.

/// An arrangement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Everything at once: code and history on the left, the time picture over the drawer on the right. Panels scroll, the
    /// page does not.
    Wide,
    /// Two columns, and the page scrolls.
    Middle,
    /// One column, and the page scrolls; the buttons that move stay at the bottom.
    Narrow,
}

impl Shape {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Wide, Self::Middle, Self::Narrow];
    /// From here on everything has room at once.
    const WIDE: (f64, f64) = (84.0, 45.0);
    /// From here on two columns are wide enough to read.
    const MIDDLE: f64 = 55.0;

    /// The arrangement for a window of that size, in the size of its type (`rem`).
    pub fn of(width: f64, height: f64) -> Self {
        if width >= Self::WIDE.0 && height >= Self::WIDE.1 {
            Self::Wide
        } else if width >= Self::MIDDLE {
            Self::Middle
        } else {
            Self::Narrow
        }
    }

    /// Stable name, as `data-shape` says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Middle => "middle",
            Self::Narrow => "narrow",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_type_leaves_less_room_for_panels() {
        let of = |width: f64, height: f64, type_size: f64| Shape::of(width / type_size, height / type_size);
        assert_eq!(of(1366.0, 768.0, 13.0), Shape::Wide);
        assert_eq!(of(1366.0, 768.0, 19.0), Shape::Middle);
        assert_eq!(of(3840.0, 2160.0, 30.0), Shape::Wide);
        assert_eq!(of(1280.0, 500.0, 13.0), Shape::Middle, "a low window scrolls");
        assert_eq!(of(768.0, 1024.0, 13.0), Shape::Middle);
        assert_eq!(of(360.0, 640.0, 13.0), Shape::Narrow);
    }
}
