"""Modbus stations and meters: TCP, RTU, RTU behind TCP, and the ASCII dialect."""
