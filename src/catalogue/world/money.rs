//! How an amount of money reads.

/// An amount in minor units, as people write it: `€89.00`. A currency without a sign of its own here is spelled out.
pub fn money(minor: u64, currency: &str) -> String {
    let (whole, cents) = (minor / 100, minor % 100);
    match currency {
        "EUR" => format!("€{whole}.{cents:02}"),
        "USD" => format!("${whole}.{cents:02}"),
        "GBP" => format!("£{whole}.{cents:02}"),
        // The yen has no minor unit.
        "JPY" => format!("¥{minor}"),
        _ => format!("{whole}.{cents:02} {currency}"),
    }
}

#[cfg(test)]
mod tests {
    use super::money;

    #[test]
    fn amounts_read_as_people_write_them() {
        assert_eq!(money(8_900, "EUR"), "€89.00");
        assert_eq!(money(5, "USD"), "$0.05");
        assert_eq!(money(8_900, "JPY"), "¥8900");
        assert_eq!(money(u64::MAX, "CHF"), "184467440737095516.15 CHF");
    }
}
