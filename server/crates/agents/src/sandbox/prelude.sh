unset BASH_ENV
__switchboard_told=0
__switchboard_trace() {
  local status=$? pipes=0 number
  for number in 3 4 5 6 7 8; do
    if [[ -p /dev/fd/$number ]]; then pipes=$((pipes + 1)); fi
  done
  if ((++__switchboard_told > 1000)); then
    trap - DEBUG
    pipes=9
  fi
  { printf '%s\0' "$status" "$pipes" "$BASH_COMMAND" >&200; } 2>/dev/null || :
}
trap __switchboard_trace DEBUG
