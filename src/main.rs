//! The `tiers` binary: hands the arguments to [`tiers::cli`].

fn main() -> std::process::ExitCode {
    tiers::cli::main()
}
