// SPDX-License-Identifier: MIT
// depthfinder serve: the mock server as a process of its own.
#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

#include "harness/commands.h"
#include "harness/key_setting.h"
#include "mock_server/server.h"
#include "restore_core/base/file.h"
#include "restore_core/base/units.h"

namespace depthfinder {
namespace {

struct ServeOptions {
  std::string listen = "127.0.0.1:0";
  std::string synthetic, datastore, keyfile, latency, rate, certificate, private_key, ready_file;
  std::string auth_delay = "3s";
};

constexpr const char* kExamples =
    "\nExamples:\n"
    "  depthfinder serve --synthetic size=1GiB,zeros=0.3,compress=1.8 --latency 20ms\\\n"
    "      --ready-file ready.json\n"
    "  depthfinder serve --datastore store --rate 1.25GB/s --ready-file ready.json\n"
    "It listens until SIGINT or SIGTERM. The ready file (JSON, mode 0600) is written\n"
    "when connections are accepted: repository, fingerprint, password, token,\n"
    "snapshots, metrics.";

Result<mock::ServerOptions> server_options(const ServeOptions& options) {
  mock::ServerOptions result;
  result.listen = options.listen;
  if (options.datastore.empty() == options.synthetic.empty())
    return fail(ErrorKind::bad_input, "give either --synthetic size=1GiB,... or --datastore DIR");
  if (options.datastore.empty()) {
    DF_ASSIGN(result.content, mock::parse_synthetic_image(options.synthetic));
  } else {
    result.content = std::filesystem::path(options.datastore);
  }
  DF_ASSIGN(result.key, key_setting(options.keyfile));
  if (!options.latency.empty()) {
    DF_ASSIGN(result.server.latency, parse_duration(options.latency));
  }
  if (!options.rate.empty()) {
    DF_ASSIGN(result.server.rate_bytes_per_s, parse_rate(options.rate));
  }
  DF_ASSIGN(result.auth_failure_delay, parse_duration(options.auth_delay));
  if (options.certificate.empty() != options.private_key.empty())
    return fail(ErrorKind::bad_input, "--cert and --key go together");
  result.certificate = options.certificate;
  result.private_key = options.private_key;
  return result;
}

void wait_until_stopped(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, stop, [] { return false; });
}

Result<ExitStatus> serve(const ServeOptions& options, const std::stop_token& stop) {
  DF_ASSIGN(const mock::ServerOptions server_settings, server_options(options));
  DF_ASSIGN(const std::unique_ptr<mock::MockServer> server, mock::MockServer::start(server_settings));
  const mock::ReadyInfo& ready = server->ready();
  if (!options.ready_file.empty())
    DF_TRY(write_file_atomically(options.ready_file, as_bytes(mock::ready_json(ready)), 0600));
  fmt::print(stderr, "serving {}\nfingerprint {}\n", ready.repository, ready.fingerprint);
  if (options.ready_file.empty())
    fmt::print(stderr, "no --ready-file given: the password is not shown anywhere\n");
  wait_until_stopped(stop);
  server->stop();
  return ExitStatus::done;
}

}  // namespace

void add_serve_command(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("serve", "Run the mock PBS server until SIGTERM");
  command->footer(kExamples);
  command->add_option("--listen", options->listen, "Address and port; port 0: the kernel chooses")
      ->capture_default_str();
  command->add_option("--synthetic", options->synthetic,
                      "Serve a made image: size=1GiB,zeros=0.3,compress=1.8");
  command->add_option("--datastore", options->datastore, "Serve this PBS datastore directory");
  command->add_option("--keyfile", options->keyfile, "Encrypt the made image, or read encrypted archives");
  command->add_option("--latency", options->latency, "Added to every chunk and file request, such as 20ms");
  command->add_option("--rate", options->rate, "Link rate shared by all connections, such as 100MB/s");
  command->add_option("--cert", options->certificate, "Certificate, PEM (default: a fresh self-signed one)");
  command->add_option("--key", options->private_key, "Its private key, PEM");
  command->add_option("--auth-delay", options->auth_delay, "How late a 401 comes")->capture_default_str();
  command->add_option("--ready-file", options->ready_file, "Written when connections are accepted");
  command->callback([options, &chosen] {
    chosen = [options](const std::stop_token& stop) { return serve(*options, stop); };
  });
}

}  // namespace depthfinder
