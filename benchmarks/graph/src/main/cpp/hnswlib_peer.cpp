// C++ hnswlib as a peer of the graph benchmark: reads the same files and speaks the same lines over
// standard input and output as the Java peers (PeerServer, GraphPeer).
//
//   g++ -O3 -march=native -std=c++17 -o hnswlib-peer hnswlib_peer.cpp
//   hnswlib-peer data=FOLDER name=hnswlib m=16 efConstruction=200 recall=0.998 build=false

#include <hnswlib/hnswlib.h>

#include <sys/resource.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr int kEfs[] = {10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96,
                        112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 1024};

template <typename T>
struct Rows {
  int32_t rows = 0;
  int32_t columns = 0;
  std::vector<T> values;

  explicit Rows(const std::string &file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw std::runtime_error("can't read " + file);
    in.read(reinterpret_cast<char *>(&rows), 4);
    in.read(reinterpret_cast<char *>(&columns), 4);
    values.resize(static_cast<size_t>(rows) * columns);
    in.read(reinterpret_cast<char *>(values.data()), values.size() * sizeof(T));
    if (!in) throw std::runtime_error(file + " is cut short");
  }

  const T *row(int i) const { return values.data() + static_cast<size_t>(i) * columns; }
};

double cpuSeconds() {
  rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_utime.tv_usec / 1e6 + used.ru_stime.tv_sec +
         used.ru_stime.tv_usec / 1e6;
}

long residentBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) return std::stol(line.substr(6)) * 1024;
  }
  return 0;
}

// Keeps the graph, and beside it vectors per CPU-second.
void build(std::map<std::string, std::string> &args) {
  const Rows<float> rows(args.at("data") + "/base.f32");
  const std::string cache = args.at("data") + "/" + args.at("name");
  hnswlib::InnerProductSpace space(rows.columns);
  const double before = cpuSeconds();
  hnswlib::HierarchicalNSW<float> built(&space, rows.rows, std::stoi(args.at("m")),
                                        std::stoi(args.at("efConstruction")));
  for (int i = 0; i < rows.rows; i++) built.addPoint(rows.row(i), i);
  built.saveIndex(cache);
  const double seconds = cpuSeconds() - before;
  std::ofstream(cache + ".build") << static_cast<int>(rows.rows / seconds + 0.5);
}

class Peer {
 public:
  explicit Peer(std::map<std::string, std::string> &args)
      : queries_(args.at("data") + "/queries.f32"), truth_(args.at("data") + "/truth.i32"),
        space_(queries_.columns) {
    const std::string cache = args.at("data") + "/" + args.at("name");
    std::ifstream(cache + ".build") >> built_;
    const long before = residentBytes();
    index_ = std::make_unique<hnswlib::HierarchicalNSW<float>>(&space_, cache);
    tune(std::stod(args.at("recall")));
    resident_ = residentBytes() - before;
    process_ = residentBytes();
  }

  void search() {
    for (int q = 0; q < queries_.rows; q++) {
      sink_ += index_->searchKnn(queries_.row(q), truth_.columns).size();
    }
  }

  void write(const std::string &file) {
    std::ofstream out(file, std::ios::binary);
    int32_t shape[] = {queries_.rows, truth_.columns};
    out.write(reinterpret_cast<char *>(shape), sizeof shape);
    for (int q = 0; q < queries_.rows; q++) {
      auto found = index_->searchKnn(queries_.row(q), truth_.columns);
      std::vector<float> scores(truth_.columns);
      for (size_t i = found.size(); i-- > 0; found.pop()) scores[i] = 1 - found.top().first;
      out.write(reinterpret_cast<char *>(scores.data()), scores.size() * sizeof(float));
    }
  }

  std::string describe() const {
    std::ostringstream text;
    text << "hnswlib (C++): efSearch " << ef_ << ", recall " << recall_ << ", index "
         << resident_ / 1000000 << " MB resident, process " << process_ / 1000000 << " MB, built "
         << built_ << " vectors per CPU-second";
    return text.str();
  }

 private:
  void tune(double wanted) {
    for (int ef : kEfs) {
      index_->setEf(ef);
      int hits = 0;
      for (int q = 0; q < queries_.rows; q++) {
        std::set<int32_t> expected(truth_.row(q), truth_.row(q) + truth_.columns);
        for (auto found = index_->searchKnn(queries_.row(q), truth_.columns); !found.empty(); found.pop()) {
          hits += expected.count(static_cast<int32_t>(found.top().second));
        }
      }
      ef_ = ef;
      recall_ = static_cast<double>(hits) / (static_cast<double>(truth_.rows) * truth_.columns);
      if (recall_ >= wanted) return;
    }
  }

  Rows<float> queries_;
  Rows<int32_t> truth_;
  hnswlib::InnerProductSpace space_;
  std::unique_ptr<hnswlib::HierarchicalNSW<float>> index_;
  int ef_ = 0;
  double recall_ = 0;
  long resident_ = 0;
  long process_ = 0;
  int built_ = 0;
  size_t sink_ = 0;
};

}  // namespace

int main(int argc, char **argv) {
  std::map<std::string, std::string> args;
  for (int i = 1; i < argc; i++) {
    std::string word = argv[i];
    args[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  }
  try {
    if (args.at("build") == "true") {
      build(args);
      return 0;
    }
    Peer peer(args);
    std::cout << "ready" << std::endl;
    for (std::string line; std::getline(std::cin, line) && line != "quit";) {
      std::istringstream words(line);
      std::string request, workload, file;
      words >> request >> workload >> std::ws;
      std::getline(words, file);
      if (request == "describe") {
        std::cout << "ok " << peer.describe() << std::endl;
      } else if (request == "run" && workload == "search") {
        peer.search();
        std::cout << "ok" << std::endl;
      } else if (request == "write" && workload == "search") {
        peer.write(file);
        std::cout << "ok" << std::endl;
      } else {
        std::cout << "error no such request: " << line << std::endl;
      }
    }
  } catch (const std::exception &e) {
    std::cout << "error " << e.what() << std::endl;
    return 1;
  }
}
