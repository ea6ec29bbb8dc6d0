fn main() {
    sagascope_trace::generate("src");
}
