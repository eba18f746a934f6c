//! Times of fits in a debug build.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for (name, time) in models::times()? {
        println!("{name}\t{}", time.as_secs_f64());
    }
    Ok(())
}
