// Where a family's peers are named (peers.py), and a solution for each, so that its traces name one
// that is there and FlashInfer-Bench can run it too. Knows no peer.
#pragma once

#include <string>
#include <vector>

#include <kdex/definition.h>

namespace kdex::verify {

/// plugins/<family>/peers.py of kdex's data, then of each folder of `plugins_path`.
std::vector<std::string> peer_files(const std::vector<std::string>& plugins_path,
                                    const std::string& family);

/// "FlashInfer fa3" as an author: "flashinfer_fa3".
std::string peer_author(const std::string& peer);
/// "flashinfer_fa3_gqa_paged_decode_…".
std::string peer_solution(const Definition& definition, const std::string& peer);

/// Writes solutions/<author>/<op type>/<definition>/<name>.json of a peer that `file` names.
void write_peer_solution(const std::string& dataset, const Definition& definition,
                         const std::string& peer, const std::string& file,
                         const std::string& hardware);

}  // namespace kdex::verify
