module smtp-router.example/bench/load

go 1.22
