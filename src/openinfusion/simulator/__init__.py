"""Simulated pumps and monitors: machines of their own, which speak through the address that real gateways use.

They obey no message: a simulated hand keys in what the chart orders, later, as a nurse would. Nothing here reaches a real device. Every
figure of these machines and of their patients is made up, belongs to no device and treats nobody.
"""
