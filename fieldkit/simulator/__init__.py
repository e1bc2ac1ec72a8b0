"""Simulated devices: invented shifts (班次) worked offline and handed in over a bad network.

`shift` writes the script of one day, `photos` its pictures, `device` works it on a real store
and client, `faults` is the network, `fleet` runs many devices at once.
"""
