package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is the unit of CPU times in /proc (USER_HZ), the same on every Linux that Go runs on.
const ticksPerSecond = 100

// peakMemory is the most memory that a process ever held resident, in MiB.
func peakMemory(pid int) (float64, error) {
	path := fmt.Sprintf("/proc/%d/status", pid)
	text := field(path, "VmHWM")
	number, ok := strings.CutSuffix(text, " kB")
	kibibytes, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil {
		return 0, fmt.Errorf("read the peak memory from %s: VmHWM is %q", path, text)
	}
	return kibibytes / 1024, nil
}

// cpuTime is what a process has used so far, in user and in system mode.
func cpuTime(pid int) (time.Duration, error) {
	path := fmt.Sprintf("/proc/%d/stat", pid)
	stat, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("read the CPU time: %w", err)
	}
	used, err := parseCPUTime(string(stat))
	if err != nil {
		return 0, fmt.Errorf("read the CPU time from %s: %w", path, err)
	}
	return used, nil
}

// parseCPUTime adds utime and stime, the 14th and 15th field; the second, the program's name in parentheses, may hold
// spaces and parentheses itself.
func parseCPUTime(stat string) (time.Duration, error) {
	const utime = 14 - 3 // counted from after the name
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < utime+2 {
		return 0, fmt.Errorf("%d fields after the name", len(fields))
	}
	var ticks uint64
	for _, field := range fields[utime : utime+2] {
		n, err := strconv.ParseUint(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}
